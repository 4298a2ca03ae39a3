package workloads

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestServersAreReadyWhenTheyListenOnAllTheirPorts(t *testing.T) {
	for name, c := range map[string]struct {
		environment []string
		want        []socket
	}{
		"http":             {[]string{"POD_NAME=a"}, []socket{{"tcp", "3001"}, {"tcp", "3000"}}},
		"https":            {[]string{"POD_NAME=a", "TLS_SERVER_CERT=c", "TLS_SERVER_PRIVKEY=k"}, []socket{{"tcp", "3001"}, {"tcp", "3000"}, {"tcp", "8443"}}},
		"grpc":             {[]string{"POD_NAME=a", "GRPC_ECHO_SERVER=1"}, []socket{{"tcp", "3000"}}},
		"tcp and tls":      {[]string{"POD_NAME=a", "TCP_ECHO_SERVER=1", "TLS_SERVER_CERT=c", "TLS_SERVER_PRIV_KEY=k"}, []socket{{"tcp", "3000"}, {"tcp", "8443"}}},
		"udp, port chosen": {[]string{"POD_NAME=a", "UDP_ECHO_SERVER=1", "UDP_PORT=53"}, []socket{{"udp", "53"}}},
		"names":            {nil, []socket{{"udp", "53"}}},
	} {
		if got := expectedSockets(c.environment); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTargetPortIsANumberANameOrThePortItself(t *testing.T) {
	containers := []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 3000}}}}
	for want, port := range map[int32]corev1.ServicePort{
		3001: {Port: 80, TargetPort: intstr.FromInt32(3001)},
		3000: {Port: 80, TargetPort: intstr.FromString("web")},
		80:   {Port: 80},
	} {
		if got := targetPort(port, containers); got != want {
			t.Errorf("%v: %d, want %d", port, got, want)
		}
	}
}

func TestVariablesPointIntoTheFoldersOfVolumes(t *testing.T) {
	p := &pod{namespace: "ns", name: "a-1", containers: []corev1.Container{{Env: []corev1.EnvVar{
		{Name: "CERT", Value: "/etc/secret/crt"},
		{Name: "POD", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
	}}}}

	got := p.environment(map[string]string{"/etc/secret": "/tmp/x"})

	if want := []string{"CERT=/tmp/x/crt", "POD=a-1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
