-- Which credentials claim one unique value; a key is the index, | and the value's SHA-256.
return { api = 1, shared = 'credential_claims' }
