package client

import (
	"context"
	"fmt"
	"time"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"kongruent/lab/internal/certs"
)

// Token asks for a ServiceAccount's token. The account is made if it is absent: no controller does that here.
func (s *Session) Token(ctx context.Context, namespace, account string, lifetime time.Duration) (string, error) {
	accounts := s.Typed.CoreV1().ServiceAccounts(namespace)
	_, err := accounts.Create(ctx, &core.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return "", err
	}
	request := &authentication.TokenRequest{
		Spec: authentication.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(lifetime.Seconds()))},
	}
	answer, err := accounts.CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return answer.Status.Token, nil
}

// WriteTokenKubeconfig writes a kubeconfig for the same cluster whose user is whoever the token file speaks for.
func (s *Session) WriteTokenKubeconfig(dir, name, tokenFile string) error {
	if err := rest.LoadTLSFiles(s.Config); err != nil {
		return fmt.Errorf("the cluster's authority: %w", err)
	}
	return certs.WriteKubeconfig(dir, name, certs.Access{
		Server:    s.Config.Host,
		Authority: s.Config.CAData,
		TokenFile: tokenFile,
	})
}
