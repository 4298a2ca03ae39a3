// One object with all that came from it, or one entity with all that it came from.
import { ask } from './live.js'
import { ago, badge, count, duration, el, icon, number, place, rich, shortKind, WORDS } from './dom.js'

const ENTITIES = 100 // of one object at a time

const fact = (name, value) => (value || value === 0 ? [el('dt', {}, name), el('dd', {}, value)] : [])

function lastAnswer(answer) {
  if (!answer) return null
  const status = answer.status === 0 ? 'no answer' : String(answer.status)
  const good = answer.status >= 200 && answer.status < 300
  return el('span', { class: `answer ${good ? 'good' : 'bad'}` }, `${answer.verb} → ${status}`, el('span', { class: 'soft' }, ` ${duration(answer.ms)}, ${ago(answer.at)}`))
}

const madeBy = (entity) => (entity.file ? `${entity.file}:${entity.line}` : '')

function problemNode(problem) {
  return el('li', { class: `problem ${problem.severity}` },
    el('p', {}, el('strong', {}, problem.code), ' ', problem.text),
    problem.remedy && el('p', { class: 'soft' }, rich(problem.remedy)),
    problem.file && el('p', { class: 'soft mono' }, problem.line ? `${problem.file}:${problem.line}` : problem.file))
}

function facts(entity) {
  const list = (texts) => (texts && texts.length > 0 ? el('ul', { class: 'plain' }, texts.map((text) => el('li', { class: 'mono' }, text))) : null)
  return el('dl', { class: 'facts' },
    fact('state', badge(entity.state)),
    fact('why', entity.reason ? el('span', {}, entity.code ? el('strong', {}, `${entity.code} `) : '', entity.reason) : null),
    fact('rule', entity.rule && el('span', { class: 'mono' }, entity.rule, entity.step ? ` · step ${entity.step}` : '')),
    fact('made at', entity.file && el('span', { class: 'mono' }, madeBy(entity))),
    fact('overrides', entity.overrides && el('span', { class: 'mono own' }, entity.overrides.split(',').join(', '))),
    fact('refers to', list(entity.refers)),
    fact('guarded by', list(entity.guards)),
    fact('last answer', lastAnswer(entity.answer) ?? (entity.state === 'programmed' ? 'it was there already' : null)),
    fact('id', entity.id && el('span', { class: 'mono' }, entity.id)))
}

// Entities of an object, below the rule that made them.
function trace(object) {
  const groups = new Map()
  for (const entity of object.rows) {
    const key = entity.file || ''
    if (!groups.has(key)) groups.set(key, [])
    groups.get(key).push(entity)
  }
  const order = [...groups].sort((a, b) => b[1].length - a[1].length)
  return el('ol', { class: 'trace' }, order.map(([file, entities]) => el('li', {},
    el('p', { class: 'by' }, el('span', { class: 'mono' }, file || 'found in the gateway'),
      entities[0].rule && el('span', { class: 'soft' }, ` rule ${entities[0].rule}`),
      entities.some((one) => one.overrides) && el('span', { class: 'own' }, ' overridden')),
    el('ul', {}, entities.map((entity) => el('li', {}, el('details', {},
      el('summary', {}, icon(entity.state), el('span', { class: 'visually-hidden' }, entity.state), el('span', { class: 'ekind' }, entity.kind),
        el('span', { class: 'etitle mono' }, entity.title)), facts(entity))))))))
}

function panel(node, title, close, ...content) {
  const heading = el('h3', { id: 'detail-title', tabindex: -1 }, title)
  node.replaceChildren(el('div', { class: 'detail-head' }, heading, el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: close }, '✕')),
    ...content.filter(Boolean))
  return heading
}

export async function showObject(node, row, close, focus) {
  const open = new Set([...node.querySelectorAll('details[open] .etitle')].map((one) => one.textContent))
  const query = new URLSearchParams({ kind: row.id, namespace: row.namespace, name: row.name, limit: ENTITIES })
  const gone = () => { panel(node, `${shortKind(row.id)} ${place(row)}`, close, el('p', {}, 'It is gone, and nothing is left of it in the gateway.')) }
  if (row.there === false && row.entities + row.errors + row.warnings === 0) return gone()
  let object
  try {
    object = await ask(`/api/object?${query}`)
  } catch {
    return gone()
  }
  const heading = panel(node, `${object.kind} ${place(object)}`, close,
    el('p', { class: 'state-line' }, badge(object.state), el('span', {}, object.there ? '' : 'deleted; ', object.reason || WORDS[object.state])),
    el('dl', { class: 'facts' }, fact('created', object.created && new Date(object.created).toLocaleString()), fact('generation', object.generation || null),
      fact('from', object.file && el('span', { class: 'mono' }, `${object.file}:${object.line}`)), fact('uid', object.uid && el('span', { class: 'mono' }, object.uid))),
    object.problems.length > 0 && el('h4', {}, count(object.problems.length, 'problem')),
    object.problems.length > 0 && el('ul', { class: 'problems' }, object.problems.map(problemNode)),
    object.entities > 0 && el('h4', {}, `${count(object.entities, 'entity', 'entities')} ${object.entities === 1 ? 'comes' : 'come'} from it`),
    object.entities > 0 && trace(object),
    object.entities > object.rows.length && el('p', { class: 'soft' }, `${number(object.rows.length)} of them are shown; the list of entities has them all.`))
  for (const details of node.querySelectorAll('details')) if (open.has(details.querySelector('.etitle')?.textContent)) details.open = true
  if (focus) heading.focus({ preventScroll: true })
}

export function showEntity(node, entity, close, openObject, focus) {
  const heading = panel(node, `${entity.kind} ${entity.title}`, close, facts(entity),
    el('h4', {}, entity.objects.length > 0 ? `It comes from ${count(entity.objects.length, 'object')}` : 'No object is known that it came from'),
    el('ul', { class: 'plain' }, entity.objects.map((object) => el('li', {}, el('button', { type: 'button', class: 'link', onclick: () => openObject(object) },
      `${object.kind} ${place(object)}`)))))
  if (focus) heading.focus({ preventScroll: true })
}

export function showProblem(node, problem, close, openObject, focus) {
  const known = problem.name && problem.id.includes('/')
  const heading = panel(node, problem.code, close, el('ul', { class: 'problems' }, problemNode(problem)),
    known && el('p', {}, el('button', { type: 'button', class: 'link', onclick: () => openObject(problem) }, problem.object)))
  if (focus) heading.focus({ preventScroll: true })
}
