{{/* What the schema cannot say: values that contradict each other. Every message names the keys. */}}
{{- define "lamina.validate" -}}
{{- if and .Values.tls.existingSecret .Values.istio.enabled }}
{{- fail "tls.existingSecret and istio.enabled: the mesh already encrypts; set one of them" }}
{{- end }}
{{- $known := or .Values.istio.enabled (ne .Values.tls.clientAuth "none") (has .Values.server.mesh (list "istio" "linkerd")) }}
{{- if and (or .Values.identity.allowed .Values.identity.policy) (not (or $known .Values.identity.trustedProxies)) }}
{{- fail "identity.allowed and identity.policy need tls.clientAuth, istio.enabled, server.mesh or identity.trustedProxies: nothing else tells who a caller is" }}
{{- end }}
{{- if and .Values.istio.enabled (ne .Values.istio.dataPlane "ambient") .Values.metrics.serviceMonitor.enabled }}
{{- fail "metrics.serviceMonitor.enabled: a sidecar refuses a plain scrape; use metrics.podMonitor.enabled, which asks the sidecar" }}
{{- end }}
{{- if and (eq .Values.workload "Deployment") (eq .Values.model.source "volume") (has "ReadWriteOnce" .Values.model.volume.accessModes) }}
{{- if or (gt (int .Values.replicaCount) 1) (and (ne .Values.autoscaling.kind "none") (gt (int .Values.autoscaling.maxReplicas) 1)) }}
{{- fail "model.volume.accessModes: several replicas cannot share a ReadWriteOnce volume; use ReadWriteMany, or workload StatefulSet" }}
{{- end }}
{{- end }}
{{- $model := .Values.model }}
{{- if $model.manifest }}
{{- if or $model.file $model.download.enabled }}
{{- fail "model.manifest names the files itself: leave model.file empty and model.download off" }}
{{- end }}
{{- if eq $model.source "embedded" }}
{{- fail "model.manifest: the image has no other model than its own; set model.source" }}
{{- end }}
{{- if and $model.name (not (hasKey $model.manifest $model.name)) }}
{{- fail (printf "model.name: there is no model '%s' in model.manifest" $model.name) }}
{{- end }}
{{- if and (not $model.name) (gt (len $model.manifest) 1) }}
{{- fail "model.name: say which of the models of model.manifest is served" }}
{{- end }}
{{- else if and (ne $model.source "embedded") (not $model.file) }}
{{- fail "model.file or model.manifest is needed unless model.source is embedded" }}
{{- end }}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) }}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas" }}
{{- end }}
{{- end }}
