package workloads

import (
	"net"

	"github.com/miekg/dns"
)

// ServeNames answers every question with the address of who asked, as CoreDNS does with "whoami".
func ServeNames() error {
	server := &dns.Server{Addr: ":53", Net: "udp", Handler: dns.HandlerFunc(func(to dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(question)
		if asker, ok := to.RemoteAddr().(*net.UDPAddr); ok && len(question.Question) > 0 {
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: question.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET},
				A:   asker.IP,
			})
		}
		_ = to.WriteMsg(answer)
	})}
	return server.ListenAndServe()
}
