#!/bin/sh
# sbom.sh ROOT VERSION: what an assembled image consists of, as SPDX 2.3 in JSON. SOURCE_DATE_EPOCH fixes its date.
set -eu
root=$1 version=$2
status=$root/var/lib/dpkg/status.d
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
field() { sed -n "s/^$2: //p" "$status/$1" | head -n 1; }

packages=$(cd "$status" && for file in *; do case $file in *.md5sums) ;; *) echo "$file" ;; esac; done)
contents=$(cat "$status"/* | sha256sum | cut -c1-32)
unknown='"downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION"'

cat <<TEXT
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "kongruent-$version",
  "documentNamespace": "urn:kongruent:sbom:$version:$contents",
  "creationInfo": { "created": "$created", "creators": ["Tool: deploy/image/sbom.sh"] },
  "documentDescribes": ["SPDXRef-kongruent"],
  "packages": [
    { "SPDXID": "SPDXRef-kongruent", "name": "kongruent", "versionInfo": "$version", "filesAnalyzed": false, "primaryPackagePurpose": "APPLICATION",
      $unknown }
TEXT
for name in $packages; do
  debian=$(field "$name" Version) architecture=$(field "$name" Architecture)
  cat <<TEXT
    ,{ "SPDXID": "SPDXRef-deb-$name", "name": "$name", "versionInfo": "$debian", "supplier": "Organization: Debian", "filesAnalyzed": false,
      "checksums": [{ "algorithm": "SHA256", "checksumValue": "$(field "$name" SHA256)" }],
      "externalRefs": [{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
        "referenceLocator": "pkg:deb/debian/$name@$(echo "$debian" | sed 's/+/%2B/g; s/:/%3A/g; s/~/%7E/g')?arch=$architecture&distro=debian-12" }],
      $unknown }
TEXT
done
printf '  ],\n  "relationships": [\n    { "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-kongruent" }\n'
for name in $packages; do
  printf '    ,{ "spdxElementId": "SPDXRef-kongruent", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-deb-%s" }\n' "$name"
done
printf '  ]\n}\n'
