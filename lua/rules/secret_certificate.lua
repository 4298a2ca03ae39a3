-- Topic: the natural key of the certificate in a Secret, by namespace/name; nothing when the Secret has none that can be used.
return { api = 1, shared = 'secret_certificate' }
