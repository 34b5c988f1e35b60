{{/* The arguments of `serve`, one list item per line: all that is configured goes this way, but for secrets, which are files. */}}
{{- define "lamina.arguments" -}}
- serve
- --host=0.0.0.0
- --port=8080
{{- if eq (include "lamina.probesOverSocket" .) "true" }}
- --unix-socket=/run/lamina/probes.sock
{{- end }}
{{- if .Values.model.manifest }}
- --manifest=/etc/lamina/models/models.yaml
{{- with .Values.model.name }}
- {{ printf "--model=%s" . | quote }}
{{- end }}
{{- else }}
{{- if .Values.model.file }}
- {{ printf "--model=/models/%s" .Values.model.file | quote }}
{{- end }}
{{- with .Values.model.name }}
- {{ printf "--model-name=%s" . | quote }}
{{- end }}
{{- end }}
{{- if .Values.apiKeys.existingSecret }}
- --api-key-file=/etc/lamina/api-keys/keys
{{- if .Values.apiKeys.protectMetrics }}
- --protect-metrics
{{- end }}
{{- end }}
{{- include "lamina.tlsArguments" . }}
{{- include "lamina.callerArguments" . }}
- --drain-delay={{ .Values.shutdown.delaySeconds }}
- --drain-timeout={{ include "lamina.drainSeconds" . }}
{{- include "lamina.serverArguments" . }}
{{- end }}

{{- define "lamina.tlsArguments" -}}
{{- if .Values.tls.existingSecret }}
- --tls-certificate=/etc/lamina/tls/tls.crt
- --tls-key=/etc/lamina/tls/tls.key
- --tls-min-version={{ .Values.tls.minVersion }}
{{- if ne .Values.tls.clientAuth "none" }}
- --tls-client-ca=/etc/lamina/client-ca/ca.crt
- --tls-client-auth={{ .Values.tls.clientAuth }}
{{- end }}
{{- end }}
{{- end }}

{{/* Who callers are and what they may have. */}}
{{- define "lamina.callerArguments" -}}
{{- if and .Values.istio.enabled (ne .Values.istio.dataPlane "ambient") }}
{{- $account := include "lamina.serviceAccountName" . }}
- --spiffe-id=spiffe://{{ include "lamina.principal" (list . (printf "%s/%s" .Release.Namespace $account)) }}
{{- end }}
{{- with .Values.identity }}
{{- range .allowed }}
- {{ printf "--allow-identity=%s" . | quote }}
{{- end }}
{{- if .policy }}
- --identity-policy=/etc/lamina/identity/policy
{{- end }}
{{- range .trustedProxies }}
- {{ printf "--trusted-proxy=%s" . | quote }}
{{- end }}
{{- range .trustedGateways }}
- {{ printf "--trusted-gateway=%s" . | quote }}
{{- end }}
{{- end }}
{{- with .Values.callerLimits }}
{{- if not (kindIs "invalid" .requestsPerMinute) }}
- --caller-requests-per-minute={{ int .requestsPerMinute }}
{{- end }}
{{- if not (kindIs "invalid" .tokensPerMinute) }}
- --caller-tokens-per-minute={{ int .tokensPerMinute }}
{{- end }}
{{- if not (kindIs "invalid" .concurrency) }}
- --caller-concurrency={{ int .concurrency }}
{{- end }}
{{- end }}
{{- end }}

{{- define "lamina.serverArguments" -}}
{{- with .Values.server }}
- --log-format={{ .logFormat }}
- --log-level={{ .logLevel }}
{{- with include "lamina.threads" $ }}
- --threads={{ . }}
{{- end }}
{{- with .maxContext }}
- --max-context={{ int . }}
{{- end }}
{{- with .maxSequences }}
- --max-sequences={{ int . }}
{{- end }}
{{- if not (kindIs "invalid" .maxQueue) }}
- --max-queue={{ int .maxQueue }}
{{- end }}
{{- with .maxQueuePerTenant }}
- --max-queue-per-tenant={{ int . }}
{{- end }}
{{- with include "lamina.valueOrPreset" (list $ .kvCacheMemory "kvCacheMemory") }}
- --kv-cache-memory={{ . }}
{{- end }}
{{- with .kvType }}
- --kv-type={{ . }}
{{- end }}
{{- if not (kindIs "invalid" .requestTimeout) }}
- --request-timeout={{ int .requestTimeout }}
{{- end }}
{{- with include "lamina.meshMode" $ }}
- --mesh={{ . }}
{{- end }}
{{- if and $.Values.istio.enabled $.Values.istio.loadReports.enabled }}
- --load-report=always
{{- end }}
{{- with .extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The mesh that the server is told of; nothing where it may find out itself. */}}
{{- define "lamina.meshMode" -}}
{{- if .Values.server.mesh }}
{{- .Values.server.mesh }}
{{- else if .Values.istio.enabled }}
{{- ternary "ambient" "istio" (eq .Values.istio.dataPlane "ambient") }}
{{- end }}
{{- end }}

{{/* The environment: who the pod is, which `doctor` shows; OpenTelemetry's own variables; and those of the values. */}}
{{- define "lamina.environment" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: SERVICE_ACCOUNT
  valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}
{{- with .Values.tracing }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_SERVICE_NAME
  value: {{ default (include "lamina.fullname" $) .serviceName | quote }}
- name: OTEL_TRACES_SAMPLER
  value: {{ .sampler }}
{{- if hasSuffix "traceidratio" .sampler }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .samplerRatio | quote }}
{{- end }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE)
{{- end }}
{{- end }}
{{- with .Values.server.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
