{{/* Whether probes go over a Unix-domain socket: the kubelet has no certificate to show. */}}
{{- define "lamina.probesOverSocket" -}}
{{- and (ne .Values.tls.existingSecret "") (eq .Values.tls.clientAuth "required") }}
{{- end }}

{{/* How a probe asks: (list . "/readyz"). */}}
{{- define "lamina.probeAction" -}}
{{- $root := index . 0 }}
{{- $path := index . 1 }}
{{- if eq (include "lamina.probesOverSocket" $root) "true" }}
exec:
  command:
    - lamina-llm-serve
    - health
    - --unix-socket=/run/lamina/probes.sock
    - --url=http://localhost{{ $path }}
{{- else }}
httpGet:
  path: {{ $path }}
  port: http
  {{- if $root.Values.tls.existingSecret }}
  scheme: HTTPS
  {{- end }}
{{- end }}
{{- end }}

{{/* Startup waits for the model; liveness never asks the engine; readiness goes when the server begins to drain. */}}
{{- define "lamina.probes" -}}
startupProbe:
  {{- include "lamina.probeAction" (list . "/readyz") | trim | nindent 2 }}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: {{ div (add (include "lamina.startupSeconds" .) 1) 2 }}
livenessProbe:
  {{- include "lamina.probeAction" (list . "/livez") | trim | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  {{- include "lamina.probeAction" (list . "/readyz") | trim | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end }}
