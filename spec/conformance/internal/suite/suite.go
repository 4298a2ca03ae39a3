// Package suite decides how the public suite is run: which tests, one after another, and what is written down.
package suite

import (
	"flag"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/gateway-api/apis/v1alpha2"
	"sigs.k8s.io/gateway-api/apis/v1alpha3"
	"sigs.k8s.io/gateway-api/conformance"
	"sigs.k8s.io/gateway-api/conformance/tests"
	"sigs.k8s.io/gateway-api/conformance/utils/config"
	confsuite "sigs.k8s.io/gateway-api/conformance/utils/suite"
	"sigs.k8s.io/gateway-api/pkg/features"
	"sigs.k8s.io/yaml"
)

// Settings is what the command line can say.
type Settings struct {
	Kubeconfig, Admin, Results, Profiles, RunTests, SkipTests string
	Usable, Unusable, Class                                   string
	AllFeatures, Quick, Debug, Keep                           bool
	Pause                                                     time.Duration
}

func (s *Settings) Bind(set *flag.FlagSet) {
	set.StringVar(&s.RunTests, "run-test", "", "only these tests, by short name, comma-separated")
	set.StringVar(&s.SkipTests, "skip-tests", "", "all but these")
	set.StringVar(&s.Profiles, "profiles", "GATEWAY-HTTP,GATEWAY-GRPC,GATEWAY-TLS,GATEWAY-TCP,GATEWAY-UDP", "profiles, comma-separated")
	set.BoolVar(&s.AllFeatures, "all-features", false, "try every feature, not only those that the GatewayClass lists")
	set.DurationVar(&s.Pause, "pause", 2*time.Second, "between tests, for the gateway to forget the routes of one")
	set.BoolVar(&s.Debug, "debug", false, "log every request and answer")
	set.BoolVar(&s.Keep, "keep", false, "leave the objects of tests where they are")
	set.StringVar(&s.Class, "gateway-class", "kongruent", "name of the GatewayClass")
}

// Run is the command "suite". It ends the process, as tests do.
func Run(arguments []string) error {
	set := flag.NewFlagSet("suite", flag.ExitOnError)
	var settings Settings
	settings.Bind(set)
	set.StringVar(&settings.Kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "the cluster")
	set.StringVar(&settings.Admin, "admin-url", "", "Admin API of the gateway: its routes are to be gone before the next test")
	set.StringVar(&settings.Results, "results", "results.json", "file for the results; the suite's own report goes beside it")
	set.BoolVar(&settings.Quick, "quick", false, "give up on traffic at once")
	set.StringVar(&settings.Usable, "usable-addresses", "", "addresses that Gateways may ask for, comma-separated")
	set.StringVar(&settings.Unusable, "unusable-addresses", "", "addresses that they ask for in vain")
	_ = set.Parse(arguments)

	os.Args = []string{os.Args[0], "-test.v", "-test.timeout=3h"}
	testing.Main(regexp.MatchString, []testing.InternalTest{{
		Name: "Conformance",
		F:    func(t *testing.T) { run(t, settings) },
	}}, nil, nil)
	return nil
}

func run(t *testing.T, settings Settings) {
	log.SetLogger(zap.New(zap.WriteTo(os.Stdout)))
	options := options(t, settings)
	prepared, err := confsuite.NewConformanceTestSuite(options)
	require.NoError(t, err)

	journal := newJournal(settings, prepared.SupportedFeatures)
	chosen := journal.wrap(tests.ConformanceTests)
	prepared.Hook = journal.after
	prepared.Setup(t, chosen)
	require.NoError(t, prepared.Run(t, chosen))
	require.NoError(t, journal.results.Write(settings.Results))

	official, err := prepared.Report()
	require.NoError(t, err)
	text, err := yaml.Marshal(official)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(strings.TrimSuffix(settings.Results, ".json")+".yaml", text, 0o600))
}

func options(t *testing.T, settings Settings) confsuite.ConformanceOptions {
	rest, err := clientcmd.BuildConfigFromFlags("", settings.Kubeconfig)
	require.NoError(t, err)
	rest.QPS, rest.Burst = -1, -1
	access, err := client.New(rest, client.Options{})
	require.NoError(t, err)
	clientset, err := kubernetes.NewForConfig(rest)
	require.NoError(t, err)
	require.NoError(t, gatewayv1.Install(access.Scheme()))
	require.NoError(t, v1alpha2.Install(access.Scheme()))
	require.NoError(t, v1alpha3.Install(access.Scheme()))
	require.NoError(t, apiextensionsv1.AddToScheme(access.Scheme()))

	made := confsuite.ConformanceOptions{
		Client: access, Clientset: clientset, RestConfig: rest, ManifestFS: []fs.FS{&conformance.Manifests},
	}
	made.GatewayClassName = settings.Class
	made.CleanupBaseResources, made.CleanupTestResources = false, !settings.Keep
	if settings.AllFeatures {
		made.EnableAllSupportedFeatures = true
		made.ExemptFeatures = sets.List(features.SetsToNamesSet(features.MeshCoreFeatures, features.MeshExtendedFeatures))
	}
	made.Debug = settings.Debug
	made.ConformanceProfiles = confsuite.ParseConformanceProfilesSlice(settings.Profiles)
	made.UsableNetworkAddresses = addresses(settings.Usable)
	made.UnusableNetworkAddresses = addresses(settings.Unusable)
	made.TimeoutConfig = timeouts(settings)
	made.Implementation.Organization, made.Implementation.Project = "kongruent", "kongruent"
	return made
}

// timeouts are the suite's own for traffic; statuses are written in milliseconds here, so nobody waits minutes for them.
func timeouts(settings Settings) config.TimeoutConfig {
	limits := config.DefaultTimeoutConfig()
	limits.TestIsolation = settings.Pause
	const status = 20 * time.Second
	for _, limit := range []*time.Duration{
		&limits.GatewayMustHaveAddress, &limits.GatewayMustHaveCondition, &limits.GatewayStatusMustHaveListeners,
		&limits.GatewayListenersMustHaveConditions, &limits.ListenerSetMustHaveCondition,
		&limits.ListenerSetListenersMustHaveConditions, &limits.HTTPRouteMustNotHaveParents,
		&limits.HTTPRouteMustHaveCondition, &limits.TLSRouteMustHaveCondition, &limits.TCPRouteMustHaveCondition,
		&limits.UDPRouteMustHaveCondition, &limits.RouteMustHaveParents, &limits.LatestObservedGenerationSet,
	} {
		*limit = status
		if settings.Quick {
			*limit = 6 * time.Second
		}
	}
	limits.NamespacesMustBeReady, limits.GWCMustBeAccepted = time.Minute, status
	if settings.Quick {
		limits.MaxTimeToConsistency, limits.RequestTimeout, limits.DefaultTestTimeout = time.Second, time.Second, 2*time.Second
	}
	return limits
}

func addresses(list string) []gatewayv1.GatewaySpecAddress {
	var all []gatewayv1.GatewaySpecAddress
	kind := gatewayv1.IPAddressType
	for _, address := range strings.Split(list, ",") {
		if address != "" {
			all = append(all, gatewayv1.GatewaySpecAddress{Type: &kind, Value: address})
		}
	}
	return all
}
