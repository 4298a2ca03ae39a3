// What stands at the top: the sentence, what is held, and the way from the cluster over the rules to the gateway.
import { ago, bar, copyButton, count, duration, el, fileName, isOwn, number, shortKind, svg, total } from './dom.js'
import { lastSync, showSyncs } from './chart.js'

const ROWS = 8
const OWN = 3 // rule files of one's own, of those
const byId = (id) => document.getElementById(id)

function statusDetail(now) {
  const last = now.syncs[now.syncs.length - 1]
  const parts = []
  if (last) parts.push(`Last sync ${ago(last.began)} took ${duration(last.ms)}`)
  else if (now.operations.last_success) parts.push(`Nothing had to be sent; compared ${ago(now.operations.last_success)}`)
  const { errors, warnings } = now.problem_counts
  const standing = [errors && count(errors, 'error'), warnings && count(warnings, 'warning')].filter(Boolean)
  parts.push(standing.length > 0 ? standing.join(' and ') : 'no problems')
  if (now.operations.drifted) parts.push(`${count(now.operations.drifted, 'entity', 'entities')} drifted`)
  if (now.self.policy !== 'sync') parts.push(`policy ${now.self.policy}`)
  return `${parts.join(' · ')}.`
}

function showHeld(held) {
  const section = byId('held')
  section.hidden = held.objects === 0
  if (section.hidden) return
  section.replaceChildren(
    el('h2', { id: 'held-title' }, 'Deletes are held'),
    el('p', {}, `${count(held.objects, 'object')} with ${count(held.entities, 'entity', 'entities')}, since ${new Date(held.since).toLocaleString()}. `,
      'They are served as before. Check them with ', el('code', {}, 'kongruent diff'), '; let them go with:'),
    el('p', { class: 'command-line' }, el('code', { class: 'command' }, held.command), copyButton(held.command)),
    el('ul', { class: 'names' }, held.names.slice(0, 20).map((name) => el('li', {}, name)),
      held.names.length > 20 || held.objects > held.names.length ? el('li', {}, `and ${number(held.objects - Math.min(20, held.names.length))} more`) : null))
}

function row(name, amount, states, note, press) {
  const content = [el('span', { class: 'name' }, name), note && el('span', { class: 'note' }, note), states ? bar(states, total(states)) : null,
    el('span', { class: 'count' }, number(amount))]
  return el('li', {}, el('button', { type: 'button', class: 'row', onclick: press }, ...content))
}

function rest(shown, all, words, press) {
  return all > shown ? el('li', {}, el('button', { type: 'button', class: 'row more', onclick: press }, `and ${number(all - shown)} more ${words}`)) : null
}

function card(id, title, about, figure, words, rows, foot) {
  const list = el('ul', { class: 'rows' }, rows)
  byId(id).replaceChildren(
    el('div', { class: 'card-head' }, el('h2', { id: `${id}-title` }, title), el('p', { class: 'about' }, about)),
    el('p', { class: 'figure' }, el('strong', {}, number(figure)), ' ', words), rows.length > 0 ? list : '', foot ?? '')
}

function showCluster(now, go) {
  const kinds = [...now.kinds].filter((kind) => kind.objects > 0 || kind.state === 'frozen').sort((a, b) => (b.state === 'frozen') - (a.state === 'frozen'))
  const waiting = now.kinds.filter((kind) => kind.state !== 'synced')
  const objects = now.kinds.reduce((sum, kind) => sum + kind.objects, 0)
  const rows = kinds.slice(0, ROWS).map((kind) => row(kind.kind, kind.objects, kind.states, kind.state !== 'synced' ? kind.state : null,
    () => go('objects', { kind: kind.id })))
  rows.push(rest(ROWS, kinds.length, 'kinds', () => go('kinds')))
  card('cluster', 'Cluster', now.self.source === 'kube' ? 'API server' : now.self.source, objects, objects === 1 ? 'object' : 'objects', rows.filter(Boolean),
    waiting.length > 0 ? el('p', { class: 'foot' }, `${count(waiting.length, 'kind')} ${waiting.length === 1 ? 'is' : 'are'} not read: `,
      [...new Set(waiting.map((kind) => kind.state))].join(', ')) : null)
}

function showRules(now, rules, go) {
  const name = (file) => fileName(file.file, now.self.overrides)
  const own = rules.filter(isOwn)
  const made = rules.filter((file) => !isOwn(file) && file.entities > 0).sort((a, b) => b.entities - a.entities)
  const rows = [...own.slice(0, OWN).map((file) => row(name(file), file.entities + file.changed, null, `${file.verb} ${shortKind(file.target)}`, () => go('rules', {}))),
    ...made.slice(0, ROWS - Math.min(OWN, own.length)).map((file) => row(name(file), file.entities, null, null, () => go('rules', {})))]
  rows.push(rest(rows.length, rules.length, 'files', () => go('rules', {})))
  const about = [count(rules.length, 'file'), now.self.pack && `pack ${now.self.pack}`, now.self.overrides && `overrides in ${now.self.overrides}`]
  card('rules', 'Rules', about.filter(Boolean).join(' · '), now.translation.nodes, now.translation.nodes === 1 ? 'node' : 'nodes', rows.filter(Boolean),
    el('p', { class: 'foot' }, `last wave ${duration(now.translation.last_us / 1000)}`,
      now.translation.waiting ? ` · ${count(now.translation.waiting, 'change')} waiting` : '', now.translation.failures ? ` · ${count(now.translation.failures, 'run')} failed` : ''))
}

function showGateway(now, go) {
  const entities = total(now.entities)
  const rows = now.entity_kinds.slice().sort((a, b) => b.count - a.count).slice(0, ROWS).map((kind) =>
    row(kind.kind, kind.count, kind.states, null, () => go('entities', { kind: kind.kind })))
  rows.push(rest(ROWS, now.entity_kinds.length, 'kinds', () => go('entities', {})))
  const foot = el('div', { class: 'foot' },
    el('ul', { class: 'urls' }, now.gateway.urls.map((one) => el('li', { class: one.resting ? 'resting' : one.in_use ? 'in-use' : '' },
      el('span', { class: 'url' }, one.url), one.resting ? ' resting after a failure' : one.in_use ? ' in use' : ''))),
    now.gateway.data_planes ? el('p', {}, 'Data planes: what they have is not read back yet.') : '')
  card('gateway', 'Gateway', now.gateway.about || 'not reached yet', entities, entities === 1 ? 'entity' : 'entities', rows.filter(Boolean), foot)
}

function arrow(className, label, moving) {
  const line = svg('svg', { class: `arrow ${moving ? 'moving' : ''}`, viewBox: '0 0 56 14', 'aria-hidden': 'true' },
    svg('path', { d: 'M2 7h46' }), svg('path', { d: 'M44 2l6 5-6 5', class: 'head' }))
  return el('div', { class: `between ${className}` }, el('span', {}, label), line)
}

function showArrows(now) {
  for (const old of document.querySelectorAll('.between')) old.remove()
  const { objects, entities } = now
  const used = total(objects) - (objects.unused ?? 0)
  const wanted = total(entities)
  const busy = now.level === 'busy'
  byId('cluster').after(arrow('first', `${number(used)} used`, busy))
  byId('rules').after(arrow('second', `${number(entities.programmed ?? 0)} of ${number(wanted)} in place`, busy))
}

const shown = new WeakMap()

// Draws a part anew only when what it shows is another, and leaves the focus where it was.
function redraw(section, data, draw) {
  const text = JSON.stringify(data)
  if (shown.get(section) === text) return
  shown.set(section, text)
  const places = () => [...section.querySelectorAll('button, summary, [tabindex]')]
  const at = places().indexOf(document.activeElement)
  draw()
  if (at >= 0) places()[Math.min(at, places().length - 1)]?.focus({ preventScroll: true })
}

// What is told by how long ago it was.
export function showAges(now) {
  byId('detail').textContent = statusDetail(now)
  const last = byId('last-sync')
  if (last) last.textContent = lastSync(now.syncs)
}

export function showOverview(now, rules, go) {
  document.title = `${now.state} · kongruent`
  byId('status').className = `status ${now.level}`
  if (byId('sentence').textContent !== now.sentence) byId('sentence').textContent = now.sentence
  showAges(now)
  const follows = !now.self.leading && now.self.leader
  byId('self').textContent = follows ? `${now.self.identity}; the leader is ${now.self.leader}` : now.self.identity
  byId('self').title = now.self.lease ? `shares the lead by the Lease ${now.self.lease}` : 'leads alone'
  redraw(byId('held'), now.held, () => showHeld(now.held))
  redraw(byId('cluster'), [now.kinds, now.self.source], () => showCluster(now, go))
  redraw(byId('rules'), [rules, now.translation, now.self], () => showRules(now, rules, go))
  redraw(byId('gateway'), [now.gateway, now.entity_kinds, now.entities], () => showGateway(now, go))
  showArrows(now)
  redraw(byId('syncs'), now.syncs, () => showSyncs(byId('syncs'), now.syncs))
}
