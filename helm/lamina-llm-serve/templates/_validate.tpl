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
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) }}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas" }}
{{- end }}
{{- end }}
