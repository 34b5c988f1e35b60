{{/* What selects this release's series, however they were scraped. */}}
{{- define "lamina.metricsSelector" -}}
{{- printf "namespace=\"%s\",pod=~\"%s-.+\"" .Release.Namespace (include "lamina.fullname" .) }}
{{- end }}
