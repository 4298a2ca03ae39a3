{{- define "kongruent.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kongruent.fullname" -}}
{{- $name := include "kongruent.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "kongruent.selector" -}}
app.kubernetes.io/name: {{ include "kongruent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kongruent.labels" -}}
{{ include "kongruent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kongruent.metadata" -}}
name: {{ include "kongruent.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "kongruent.labels" . | nindent 2 }}
{{- end }}

{{- define "kongruent.account" -}}
{{- $account := .Values.deployment.serviceAccount -}}
{{- if $account.create -}}
{{ default (include "kongruent.fullname" .) $account.name }}
{{- else -}}
{{ required "deployment.serviceAccount.name is empty: with create=false it names the ServiceAccount to use" $account.name }}
{{- end -}}
{{- end }}

{{/* traditional, hybrid or sidecar; fails with what to do when that is not said, or said twice. */}}
{{- define "kongruent.topology" -}}
{{- range $old, $new := dict "controller" "move what is under `controller` to the top" "gateway" "this chart installs no gateway, install it by a chart of its own" -}}
{{- if hasKey $.Values $old -}}{{- fail (printf "`%s` is a part of Kong's chart kong/ingress: %s" $old $new) -}}{{- end -}}
{{- end -}}
{{- $controller := .Values.ingressController -}}
{{- $found := list -}}
{{- if .Values.deployment.kong.enabled -}}{{- $found = append $found "sidecar" -}}{{- end -}}
{{- if $controller.gatewayDiscovery.enabled -}}{{- $found = append $found "hybrid" -}}{{- end -}}
{{- if or $controller.env.kong_admin_url $controller.env.kong_admin_svc -}}{{- $found = append $found "traditional" -}}{{- end -}}
{{- if ne (len $found) 1 -}}
{{- fail (printf "%s. Set one of: ingressController.env.kong_admin_url (the Admin API's URL), ingressController.gatewayDiscovery.enabled=true (control planes behind a Service), deployment.kong.enabled=true (Kong in the same Pod)" (ternary "no gateway is named" (printf "several topologies are asked for: %s" (join ", " $found)) (empty $found))) -}}
{{- end -}}
{{ first $found }}
{{- end }}

{{- define "kongruent.image" -}}
{{ .repository }}:{{ .tag }}
{{- end }}

{{/* Variables of a container: prefix, and a map of lower-case names to values or {valueFrom: …}. */}}
{{- define "kongruent.variables" -}}
{{- range $name, $value := .map }}
- name: {{ printf "%s%s" $.prefix (upper $name) }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  value: {{ toString $value | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What the chart itself says to the controller, as YAML; values of ingressController.env win. */}}
{{- define "kongruent.settings" -}}
{{- $controller := .Values.ingressController -}}
ingress_class: {{ $controller.ingressClass | quote }}
election_id: {{ include "kongruent.fullname" . }}
health_probe_bind_address: ":{{ $controller.ports.health }}"
metrics_bind_address: ":{{ $controller.ports.metrics }}"
{{- with $controller.watchNamespaces }}
watch_namespace: {{ join "," . }}
{{- end }}
{{- if or $controller.rules.files $controller.rules.configMap }}
rules: /etc/kongruent/rules
{{- end }}
{{- if $controller.gatewayDiscovery.enabled }}
kong_admin_svc: {{ include "kongruent.adminService" . }}
{{- end }}
{{- if .Values.deployment.kong.enabled }}
kong_admin_url: http://localhost:8001
{{- if .Values.proxy.enabled }}
publish_service: {{ .Release.Namespace }}/{{ include "kongruent.fullname" . }}-proxy
{{- end }}
{{- end }}
{{- if $controller.adminApi.tls.caSecretName }}
kong_admin_ca_cert_file: /etc/kong-admin/ca/{{ $controller.adminApi.tls.caSecretKey }}
{{- end }}
{{- if $controller.adminApi.tls.client.enabled }}
kong_admin_tls_client_cert_file: /etc/kong-admin/client/tls.crt
kong_admin_tls_client_key_file: /etc/kong-admin/client/tls.key
{{- end }}
{{- if $controller.admissionWebhook.enabled }}
admission_webhook_listen: ":{{ $controller.admissionWebhook.port }}"
admission_webhook_cert_file: /etc/admission/tls.crt
admission_webhook_key_file: /etc/admission/tls.key
{{- end }}
{{- end }}

{{- define "kongruent.adminService" -}}
{{- $service := .Values.ingressController.gatewayDiscovery.adminApiService -}}
{{ default .Release.Namespace $service.namespace }}/{{ required "ingressController.gatewayDiscovery.adminApiService.name is empty: it names the Service of the control planes' Admin API" $service.name }}
{{- end }}

{{- define "kongruent.rulesConfigMap" -}}
{{ default (printf "%s-rules" (include "kongruent.fullname" .)) .Values.ingressController.rules.configMap }}
{{- end }}

{{- define "kongruent.admissionSecret" -}}
{{- $certificate := .Values.ingressController.admissionWebhook.certificate -}}
{{- if $certificate.provided -}}
{{ required "ingressController.admissionWebhook.certificate.secretName is empty: with provided=true it names the TLS Secret" $certificate.secretName }}
{{- else -}}
{{ default (printf "%s-admission" (include "kongruent.fullname" .)) $certificate.secretName }}
{{- end -}}
{{- end }}

{{/* What is mounted into the controller's container, as a YAML list. */}}
{{- define "kongruent.mounts" -}}
{{- $controller := .Values.ingressController -}}
{{- if or $controller.rules.files $controller.rules.configMap }}
- { name: rules, path: /etc/kongruent/rules, configMap: {{ include "kongruent.rulesConfigMap" . }} }
{{- end }}
{{- with $controller.adminApi.tls.caSecretName }}
- { name: admin-ca, path: /etc/kong-admin/ca, secret: {{ . }} }
{{- end }}
{{- if $controller.adminApi.tls.client.enabled }}
- { name: admin-client, path: /etc/kong-admin/client, secret: {{ required "ingressController.adminApi.tls.client.secretName is empty: it names the TLS Secret of the client" $controller.adminApi.tls.client.secretName }} }
{{- end }}
{{- if $controller.admissionWebhook.enabled }}
- { name: admission, path: /etc/admission, secret: {{ include "kongruent.admissionSecret" . }} }
{{- end }}
{{- end }}

{{/* Kong's container, and that of its migrations. */}}
{{- define "kongruent.kong" -}}
image: {{ include "kongruent.image" .Values.image }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- $own := dict "prefix" "/kong_prefix" "admin_listen" "127.0.0.1:8001" "status_listen" "0.0.0.0:8100" -}}
  {{- $listens := list -}}
  {{- if .Values.proxy.http.enabled -}}{{- $listens = append $listens (printf "0.0.0.0:%v" .Values.proxy.http.containerPort) -}}{{- end -}}
  {{- if .Values.proxy.tls.enabled -}}{{- $listens = append $listens (printf "0.0.0.0:%v ssl http2" .Values.proxy.tls.containerPort) -}}{{- end -}}
  {{- $_ := set $own "proxy_listen" (join ", " $listens | default "off") -}}
  {{- include "kongruent.variables" (dict "prefix" "KONG_" "map" (merge (dict) .Values.env $own)) | nindent 2 }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsUser: 1000
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
volumeMounts:
  - { name: kong-prefix, mountPath: /kong_prefix }
  - { name: kong-tmp, mountPath: /tmp }
  {{- with .Values.deployment.userDefinedVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
