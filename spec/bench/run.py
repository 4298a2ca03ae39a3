#!/usr/bin/env python3
"""What translation and sync cost: JSON lines, then a table.

usage: run.py PROGRAM [SETS...]     (default 1000 10000)

A set is an Ingress, its Service and an EndpointSlice; every tenth has a certificate, two plugins and a consumer with a key as well.
CPU time and peak memory are those of the child process, as the kernel counts them; sync runs against the sandbox, in a process of its own.
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

SYNC_SETS = 1000
LINES = []


def report(line):
    LINES.append(line)
    print(json.dumps(line, sort_keys=True), flush=True)


def key_pair(folder):
    """One throw-away pair: its cost is not what is measured."""
    key, certificate = os.path.join(folder, 'key.pem'), os.path.join(folder, 'certificate.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out',
                    certificate, '-days', '3650', '-subj', '/CN=bench'], check=True, capture_output=True)
    return [base64.b64encode(open(path, 'rb').read()).decode() for path in (certificate, key)]


SET = '''---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-{n}
  namespace: team-{team}
  creationTimestamp: "2026-01-01T00:00:00Z"
  annotations:
    konghq.com/strip-path: "true"{plugins}
spec:
  ingressClassName: kong{tls}
  rules:
  - host: app-{n}.example.com
    http:
      paths:
      - path: /api
        pathType: Prefix
        backend: {{service: {{name: app-{n}, port: {{number: 80}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: app-{n}, namespace: team-{team}}}
spec: {{ports: [{{port: 80, targetPort: 8080, protocol: TCP}}], selector: {{app: app-{n}}}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: app-{n}-1
  namespace: team-{team}
  labels: {{kubernetes.io/service-name: app-{n}}}
addressType: IPv4
ports: [{{name: "", port: 8080, protocol: TCP}}]
endpoints:
- {{addresses: ["10.{a}.{b}.1"], conditions: {{ready: true}}}}
- {{addresses: ["10.{a}.{b}.2"], conditions: {{ready: true}}}}
'''

MORE = '''---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: {{name: tls-{n}, namespace: team-{team}, uid: "00000000-0000-4000-8000-{n:012d}"}}
data: {{tls.crt: {certificate}, tls.key: {key}}}
---
apiVersion: configuration.konghq.com/v1
kind: KongPlugin
metadata: {{name: limit-{n}, namespace: team-{team}}}
plugin: rate-limiting
config: {{minute: 5, policy: local}}
---
apiVersion: configuration.konghq.com/v1
kind: KongPlugin
metadata: {{name: auth-{n}, namespace: team-{team}}}
plugin: key-auth
---
apiVersion: configuration.konghq.com/v1
kind: KongConsumer
metadata: {{name: user-{n}, namespace: team-{team}, annotations: {{kubernetes.io/ingress.class: kong}}}}
username: user-{n}
credentials: [key-{n}]
---
apiVersion: v1
kind: Secret
metadata: {{name: key-{n}, namespace: team-{team}, labels: {{konghq.com/credential: key-auth}}}}
data: {{key: {secret}}}
'''


def write_sets(path, count, pair):
    with open(path, 'w') as out:
        for n in range(count):
            rich = n % 10 == 0
            place = {'n': n, 'team': n % 100, 'a': n // 250, 'b': n % 250}
            out.write(SET.format(plugins=f'\n    konghq.com/plugins: limit-{n},auth-{n}' if rich else '',
                                 tls=f'\n  tls: [{{hosts: [app-{n}.example.com], secretName: tls-{n}}}]' if rich else '', **place))
            if rich:
                secret = base64.b64encode(f'key of {n}'.encode()).decode()
                out.write(MORE.format(certificate=pair[0], key=pair[1], secret=secret, **place))


def run(command, out):
    """Runs to the end; gives seconds of CPU, seconds by the clock, peak bytes, exit code."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss * 1024, child.returncode


def bench_translate(program, path, count):
    with open(os.devnull, 'w') as out:
        cpu, clock, memory, code = run([program, 'translate', '-f', path], out)
    report({'measure': 'translate', 'sets': count, 'cpu_s': round(cpu, 3), 'clock_s': round(clock, 3), 'peak_bytes': memory, 'exit': code})
    inner = subprocess.run([program, 'bench', '-f', path], capture_output=True, text=True, check=True)
    for text in inner.stdout.splitlines():
        report(dict(json.loads(text), sets=count))


def requests_of(port):
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/sandbox/requests') as answer:
        found = json.load(answer)
    return found if isinstance(found, list) else next(value for value in found.values() if isinstance(value, list))


def bench_sync(program, path, count):
    sandbox = subprocess.Popen([program, 'sandbox', '--listen', '127.0.0.1:0', '--control'], stderr=subprocess.PIPE, text=True)
    try:
        port = re.search(r'port=(\d+)', sandbox.stderr.readline()).group(1)
        apply = [program, 'apply', '-f', path, '--kong-admin-url', f'http://127.0.0.1:{port}']
        for step in ('all', 'nothing'):
            before = len(requests_of(port))
            with open(os.devnull, 'w') as out:
                cpu, clock, memory, code = run(apply, out)
            requests = requests_of(port)[before:]
            writes = sum(1 for request in requests if request.get('method') != 'GET')
            report({'measure': 'sync', 'sets': count, 'step': step, 'cpu_s': round(cpu, 3), 'clock_s': round(clock, 3), 'peak_bytes': memory,
                    'requests': len(requests), 'writes': writes, 'requests_per_s': round(len(requests) / clock), 'exit': code})
    finally:
        sandbox.terminate()
        sandbox.wait()


def table():
    rows = [('measure', 'sets', 'result')]
    entities = {line['sets']: line['entities'] for line in LINES if line['measure'] == 'full'}
    for line in LINES:
        if line['measure'] == 'translate':
            text = f"{line['cpu_s']:.2f} s CPU, {line['peak_bytes'] / 2**20:.0f} MiB"
        elif line['measure'] == 'full':
            whole = line['total_us']
            shares = ', '.join(f"{name} {100 * line[name + '_us'] / whole:.0f} %" for name in ('lua', 'json', 'engine'))
            text = f"{line['entities']} entities of {line['objects']} objects, {line['nodes_run']} runs: {shares}"
        elif line['measure'] == 'change':
            text = (f"one {line['kind'].split('/')[-1]}: {line['median_us'] / 1000:.2f} ms, {line['nodes_run']:.1f} runs, "
                    f"{line['entities_changed']:.1f} entities")
        else:
            share = line['writes'] / entities.get(line['sets'], 1)
            text = (f"{line['step']}: {line['requests']} requests ({share:.2f} writes an entity), {line['requests_per_s']}/s, "
                    f"{line['cpu_s']:.2f} s CPU, {line['peak_bytes'] / 2**20:.0f} MiB")
        rows.append((line['measure'], str(line['sets']), text))
    print()
    for row in rows:
        print(f'{row[0]:<10} {row[1]:>7}  {row[2]}')


def main():
    program, sizes = sys.argv[1], [int(word) for word in sys.argv[2:]] or [1000, 10000]
    with tempfile.TemporaryDirectory() as folder:
        pair = key_pair(folder)
        for count in sizes:
            path = os.path.join(folder, f'{count}.yaml')
            write_sets(path, count, pair)
            bench_translate(program, path, count)
            if count == min(SYNC_SETS, sizes[0]):
                bench_sync(program, path, count)
    table()


main()
