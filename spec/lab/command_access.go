package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"kongruent/lab/internal/files"
)

const tokenLifetime = time.Hour

func finalizeFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	return func(arguments []string) error {
		if len(arguments) != 1 {
			return fmt.Errorf("want one NAMESPACE, got %q", arguments)
		}
		session, err := open()
		if err != nil {
			return err
		}
		return session.Finalize(context.Background(), arguments[0])
	}
}

func tokenFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	namespace := set.String("namespace", "default", "namespace of the ServiceAccount")
	account := set.String("serviceaccount", "default", "the ServiceAccount; it is made if it is absent")
	lifetime := set.Duration("lifetime", tokenLifetime, "how long the token is good; the server allows no less than 10m")
	return func([]string) error {
		session, err := open()
		if err != nil {
			return err
		}
		token, err := session.Token(context.Background(), *namespace, *account, *lifetime)
		if err != nil {
			return err
		}
		_, err = fmt.Println(token)
		return err
	}
}

func tokenKubeconfigFlags(set *flag.FlagSet) run {
	open := bindSession(set)
	out := set.String("out", "", "the kubeconfig to write")
	tokenFile := set.String("token-file", "", "the token's file; written too when --serviceaccount is given")
	namespace := set.String("namespace", "default", "namespace of the ServiceAccount")
	account := set.String("serviceaccount", "", "ask for a token of this ServiceAccount")
	lifetime := set.Duration("lifetime", tokenLifetime, "how long the token is good")
	return func([]string) error {
		if *out == "" || *tokenFile == "" {
			return fmt.Errorf("--out and --token-file are both needed")
		}
		token, err := filepath.Abs(*tokenFile)
		if err != nil {
			return err
		}
		session, err := open()
		if err != nil {
			return err
		}
		if *account != "" {
			content, err := session.Token(context.Background(), *namespace, *account, *lifetime)
			if err != nil {
				return err
			}
			if err := files.Write(filepath.Dir(token), filepath.Base(token), []byte(content)); err != nil {
				return err
			}
		}
		return session.WriteTokenKubeconfig(filepath.Dir(*out), filepath.Base(*out), token)
	}
}
