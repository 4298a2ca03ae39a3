// A controller on a folder, with the sandbox as its gateway, and a browser that looks at its page.
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const PROGRAM = resolve(process.env.KONGRUENT ?? 'build/kongruent')
const CHROMIUM = process.env.KONGRUENT_CHROMIUM ?? '/usr/bin/chromium'
const MODULES = process.env.KONGRUENT_PAGE_MODULES // a folder with node_modules
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const PATIENCE = 60000

const require = createRequire(join(MODULES, 'package.json'))
const { chromium } = require('playwright-core')
const AXE = require.resolve('axe-core/axe.min.js')

export const service = (namespace, name) => ({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { ports: [{ port: 80, targetPort: 8080 }] } })

export const ingress = (namespace, name, more = {}) => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { namespace, name, annotations: more.annotations ?? {} },
  spec: { ingressClassName: more.class ?? 'kong', rules: [{ host: more.host ?? `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: more.service ?? name, port: { number: 80 } } } }] } }] },
})

export const plugin = (namespace, name, type, config) => ({ apiVersion: 'configuration.konghq.com/v1', kind: 'KongPlugin', metadata: { namespace, name }, plugin: type, config })

// Until `check` gives something.
export async function eventually(what, check) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const value = await check()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

export class Controller {
  constructor(objects, flags = [], gateway = 'sandbox:') {
    this.folder = mkdtempSync(join(tmpdir(), 'kongruent-page-'))
    this.write('objects.json', objects)
    this.process = spawn(PROGRAM, ['run', '--source', `dir:${this.folder}`, '--kong-admin-url', gateway, '--health-probe-bind-address', '127.0.0.1:0',
      '--metrics-bind-address', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.log = ''
    this.process.stderr.on('data', (text) => { this.log += text })
  }

  write(file, objects) {
    writeFileSync(join(this.folder, file), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  }

  remove(file) {
    rmSync(join(this.folder, file))
  }

  async up() {
    const port = await eventually('the controller listens', () => this.log.match(/metrics_port=(\d+)/)?.[1])
    this.url = `http://127.0.0.1:${port}/`
    return this
  }

  async status() {
    return (await fetch(`${this.url}status.json`)).json()
  }

  settled(what, check) {
    return eventually(what, async () => {
      const status = await this.status()
      return check(status) && status
    })
  }

  async stop() {
    const ended = new Promise((done) => this.process.once('exit', done))
    this.process.kill('SIGTERM')
    await ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

// An Admin API of a control plane that has nothing.
export async function controlPlane() {
  const about = { version: '3.9.1', edition: 'community', configuration: { database: 'postgres', role: 'control_plane', router_flavor: 'traditional_compatible' }, plugins: { available_on_server: {} } }
  const server = createServer((request, answer) => {
    const body = request.url === '/' ? about : request.url.startsWith('/schemas/') ? { fields: [] } : { data: [], next: null }
    answer.setHeader('Content-Type', 'application/json')
    answer.end(JSON.stringify(body))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return { address: `127.0.0.1:${server.address().port}`, stop: () => new Promise((done) => { server.close(done); server.closeAllConnections() }) }
}

export const launch = () => chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS })

// A page that notes what must not happen: errors, dialogs, requests to others, and what its policy has refused.
export async function visit(browser, url, { dark = false, width = 1440, height = 1000, script = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: script })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const seen = []
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`))
  page.on('console', (message) => { if (message.type() === 'error' && !/status of 503/.test(message.text())) seen.push(`console: ${message.text()}`) })
  page.on('dialog', (dialog) => { seen.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
  page.on('request', (request) => { if (new URL(request.url()).host !== new URL(url).host) seen.push(`request: ${request.url()}`) })
  await page.goto(url)
  return { page, seen, leave: () => context.close() }
}

// What axe-core finds, as lines.  The page's policy forbids scripts of others; a test may get round it.
export async function accessibility(browser, url, options, prepare = async () => {}) {
  const context = await browser.newContext({ viewport: { width: options.width ?? 1440, height: 1000 }, colorScheme: options.dark ? 'dark' : 'light', bypassCSP: true, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  await page.goto(url)
  await prepare(page)
  await page.addScriptTag({ path: AXE })
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  await context.close()
  return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
}
