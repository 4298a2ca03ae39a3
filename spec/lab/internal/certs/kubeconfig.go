package certs

import (
	"kongruent/lab/internal/files"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Access says where an API server is and how to be let in; a field that is empty is left out of the kubeconfig.
type Access struct {
	Server    string
	Authority []byte
	Client    Pair
	Token     string
	TokenFile string
}

// WriteKubeconfig writes dir/name for one cluster and one user.
func WriteKubeconfig(dir, name string, access Access) error {
	config := api.NewConfig()
	config.Clusters["lab"] = &api.Cluster{Server: access.Server, CertificateAuthorityData: access.Authority}
	config.AuthInfos["lab"] = &api.AuthInfo{
		ClientCertificateData: access.Client.Certificate,
		ClientKeyData:         access.Client.Key,
		Token:                 access.Token,
		TokenFile:             access.TokenFile,
	}
	config.Contexts["lab"] = &api.Context{Cluster: "lab", AuthInfo: "lab"}
	config.CurrentContext = "lab"

	content, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	return files.Write(dir, name, content)
}
