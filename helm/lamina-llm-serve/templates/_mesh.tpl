{{/* What puts the pod into the mesh. */}}
{{- define "lamina.meshLabels" -}}
{{- if .Values.istio.enabled }}
{{- if eq .Values.istio.dataPlane "ambient" }}
istio.io/dataplane-mode: ambient
{{- else }}
sidecar.istio.io/inject: "true"
{{- end }}
{{- end }}
{{- end }}

{{/*
How the sidecar starts and ends. A native one outlives the server by itself. A classic one gets SIGTERM together with it and would cut
all streams after five seconds: it is to leave when the last connection has, and not before the server has stopped taking requests.
*/}}
{{- define "lamina.meshAnnotations" -}}
{{- if and .Values.istio.enabled (ne .Values.istio.dataPlane "ambient") }}
{{- $classic := eq .Values.istio.dataPlane "classic" }}
sidecar.istio.io/nativeSidecar: {{ not $classic | quote }}
{{- if $classic }}
{{- $metadata := dict "EXIT_ON_ZERO_ACTIVE_CONNECTIONS" "true" "MINIMUM_DRAIN_DURATION" (printf "%ds" (add .Values.shutdown.delaySeconds 5)) }}
proxy.istio.io/config: {{ dict "holdApplicationUntilProxyStarts" true "proxyMetadata" $metadata | toJson | quote }}
{{- if .Values.model.download.enabled }}
# Init containers run before a classic sidecar does, and what it captures leads nowhere then.
traffic.sidecar.istio.io/excludeOutboundPorts: "443"
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A SPIFFE principal of NAMESPACE/SERVICE-ACCOUNT: (list . "agents/planner"). */}}
{{- define "lamina.principal" -}}
{{- $parts := splitList "/" (index . 1) }}
{{- printf "%s/ns/%s/sa/%s" (index . 0).Values.istio.trustDomain (first $parts) (last $parts) }}
{{- end }}
