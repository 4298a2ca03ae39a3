// The last syncs: how long each took goes up from the line, what it changed goes down.
import { ago, count, duration, el, svg } from './dom.js'

const KEPT = 60
const WIDTH = 720, UP = 58, DOWN = 26, STEP = WIDTH / KEPT

const changes = (sync) => sync.created + sync.updated + sync.deleted
const scale = (value, most, height) => (value <= 0 ? 0 : Math.max(2, (Math.log1p(value) / Math.log1p(most)) * height))

function changed(sync) {
  const parts = ['created', 'updated', 'deleted', 'refused'].filter((name) => sync[name] > 0).map((name) => `${sync[name]} ${name}`)
  return parts.length > 0 ? parts.join(', ') : 'nothing changed'
}

const words = (sync) => `${ago(sync.began)}: ${changed(sync)} in ${duration(sync.ms)}${sync.result === 'converged' ? '' : ` (${sync.result})`}`

function draw(syncs) {
  const longest = Math.max(1, ...syncs.map((sync) => sync.ms))
  const most = Math.max(1, ...syncs.map(changes))
  const picture = svg('svg', {
    class: 'syncs-chart', viewBox: `0 0 ${WIDTH} ${UP + DOWN + 4}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `The last ${count(syncs.length, 'sync')}; the longest took ${duration(longest)}, the largest changed ${count(most, 'entity', 'entities')}`,
  })
  picture.append(svg('line', { x1: 0, x2: WIDTH, y1: UP + 1.5, y2: UP + 1.5, class: 'axis' }))
  syncs.forEach((sync, index) => {
    const x = WIDTH - (syncs.length - index) * STEP + 1
    const width = STEP - 3
    const height = scale(sync.ms, longest, UP)
    const group = svg('g', { class: `sync ${sync.result.replace(' ', '-')}` }, svg('title', {}, words(sync)))
    group.append(svg('rect', { x: x - 1, y: 0, width: STEP, height: UP + DOWN + 4, class: 'area' }))
    group.append(svg('rect', { x, y: UP - height, width, height, class: 'took' }))
    let y = UP + 4
    for (const [name, value] of [['created', sync.created], ['updated', sync.updated], ['deleted', sync.deleted]]) {
      const part = value && (scale(changes(sync), most, DOWN) * value) / changes(sync)
      if (part) group.append(svg('rect', { x, y, width, height: part, class: name }))
      y += part
    }
    if (sync.refused) group.append(svg('rect', { x, y: Math.max(0, UP - height - 5), width, height: 3, class: 'refused' }))
    picture.append(group)
  })
  return picture
}

function table(syncs) {
  const head = ['began', 'took', 'created', 'updated', 'deleted', 'refused', 'result']
  const rows = syncs.slice(-20).reverse().map((sync) => el('tr', {},
    el('td', {}, new Date(sync.began * 1000).toLocaleTimeString()), el('td', {}, duration(sync.ms)), el('td', {}, String(sync.created)),
    el('td', {}, String(sync.updated)), el('td', {}, String(sync.deleted)), el('td', {}, String(sync.refused)), el('td', {}, sync.result)))
  return el('table', {}, el('thead', {}, el('tr', {}, head.map((name) => el('th', { scope: 'col' }, name)))), el('tbody', {}, rows))
}

const legend = (name, text) => el('span', { class: `key ${name}` }, text)

export const lastSync = (syncs) => (syncs.length > 0 ? words(syncs[syncs.length - 1]) : 'none since the start')

export function showSyncs(section, all) {
  const syncs = all.slice(-KEPT)
  const open = section.querySelector('details')?.open ?? false
  section.replaceChildren(
    el('div', { class: 'syncs-head' }, el('h2', { id: 'syncs-title' }, 'Last syncs'),
      el('p', { class: 'about', id: 'last-sync' }, lastSync(syncs)),
      syncs.length > 0 && el('p', { class: 'legend', 'aria-hidden': 'true' }, legend('took', 'duration'), syncs.some((sync) => sync.result === 'partly') && legend('partly', 'of one that ended partly'), legend('created', 'created'),
        legend('updated', 'updated'), legend('deleted', 'deleted'))),
    syncs.length > 0 ? draw(syncs) : '',
    syncs.length > 0 ? el('details', { open }, el('summary', {}, 'As a table'), el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Last syncs, as a table' }, table(syncs))) : '')
}
