{{/*
What each preset stands for. Memory of `production`: 43 GB of a 70B model in Q4_K_M, 32 GiB of keys and values (100 000 tokens in f16), and
room for the rest; the machine of 320 GB has three such pods, or one beside the whole environment and the page cache.
*/}}
{{- define "lamina.presets" -}}
embedded:
  startupSeconds: 120
  drainSeconds: 120
  kvCacheMemory: null
  resources:
    requests: {cpu: 500m, memory: 256Mi}
    limits: {memory: 1Gi}
development:
  startupSeconds: 600
  drainSeconds: 120
  kvCacheMemory: 1G
  resources:
    requests: {cpu: "2", memory: 3Gi}
    limits: {memory: 8Gi}
production:
  startupSeconds: 3600
  drainSeconds: 900
  kvCacheMemory: 32G
  resources:
    requests: {cpu: "12", memory: 96Gi}
    limits: {memory: 96Gi}
{{- end }}

{{/* One entry of the preset in force, as YAML: (list . "resources"). */}}
{{- define "lamina.preset" -}}
{{- $root := index . 0 }}
{{- get (get (include "lamina.presets" $root | fromYaml) $root.Values.preset) (index . 1) | toYaml }}
{{- end }}

{{/* A value, or the preset's where it is null: (list . value "startupSeconds"). */}}
{{- define "lamina.valueOrPreset" -}}
{{- $value := index . 1 }}
{{- if kindIs "invalid" $value }}
{{- $preset := include "lamina.preset" (list (index . 0) (index . 2)) | trim }}
{{- if ne $preset "null" }}{{ $preset }}{{ end }}
{{- else }}
{{- $value }}
{{- end }}
{{- end }}

{{- define "lamina.startupSeconds" -}}
{{- include "lamina.valueOrPreset" (list . .Values.startup.seconds "startupSeconds") | int }}
{{- end }}

{{- define "lamina.drainSeconds" -}}
{{- include "lamina.valueOrPreset" (list . .Values.shutdown.drainSeconds "drainSeconds") | int }}
{{- end }}

{{- define "lamina.resources" -}}
{{- if .Values.resources }}
{{- toYaml .Values.resources }}
{{- else }}
{{- include "lamina.preset" (list . "resources") }}
{{- end }}
{{- end }}

{{/*
Threads where the values name none. With a CPU limit the server reads its control group. Without one it would take every processor of
the node, and threads that wait for each other at barriers lose all speed where another pod has theirs: so the request counts.
*/}}
{{- define "lamina.threads" -}}
{{- $resources := include "lamina.resources" . | fromYaml }}
{{- $limits := default dict $resources.limits }}
{{- $requests := default dict $resources.requests }}
{{- if not (kindIs "invalid" .Values.server.threads) }}
{{- int .Values.server.threads }}
{{- else if and $requests.cpu (not $limits.cpu) }}
{{- $cpu := toString $requests.cpu }}
{{- if hasSuffix "m" $cpu }}
{{- max 1 (div (trimSuffix "m" $cpu | int) 1000) }}
{{- else }}
{{- max 1 (floor (float64 $cpu) | int) }}
{{- end }}
{{- end }}
{{- end }}
