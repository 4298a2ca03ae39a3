package cluster

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
)

const etcdSocket = "etcd.sock"

// startEtcd runs one member on unix sockets inside dir and comes back once it answers.
func startEtcd(life context.Context, dir string) (*embed.Etcd, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(dir, "etcd")
	config.ListenClientUrls = []url.URL{socketURL(dir, etcdSocket)}
	config.ListenPeerUrls = []url.URL{socketURL(dir, "peer.sock")}

	// etcd insists on host:port here; with one member nobody ever dials it.
	nowhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:1"}}
	config.AdvertiseClientUrls, config.AdvertisePeerUrls = nowhere, nowhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	// The state has to survive the process, not the machine.
	config.UnsafeNoFsync = true
	config.EnableGRPCGateway = false
	config.TickMs, config.ElectionMs = 10, 100
	config.LogLevel, config.LogOutputs = "error", []string{filepath.Join(dir, "etcd.log")}

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err = <-etcd.Err():
		return nil, fmt.Errorf("etcd: %w", err)
	case <-life.Done():
		etcd.Close()
		return nil, life.Err()
	}
}

func socketURL(dir, name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(dir, name)}
}
