// Lists with their filters, and what was chosen of them.
import { ask } from './live.js'
import { ago, badge, duration, el, fileName, icon, isOwn, number, place, shortKind, STATES, WORDS } from './dom.js'
import { Grid } from './grid.js'
import { showEntity, showObject, showProblem } from './detail.js'

const TABS = [['objects', 'Objects'], ['entities', 'Entities'], ['problems', 'Problems'], ['rules', 'Rules'], ['kinds', 'Kinds']]
const TYPING_MS = 150
const AGAIN_MS = 400 // lists are asked for again at most so often

const made = (row) => (row.file ? `${row.file}:${row.line}` : '')
const cells = (...parts) => parts.filter(Boolean)

const LISTS = {
  objects: {
    path: '/api/objects',
    keyOf: (row) => `${row.id}|${row.namespace}|${row.name}`,
    columns: [
      { name: 'state', title: 'State', draw: (row) => badge(row.state) },
      { name: 'kind', title: 'Kind', draw: (row) => row.kind },
      { name: 'title', title: 'Object', draw: (row) => cells(row.namespace && el('span', { class: 'soft' }, `${row.namespace}/`), row.name) },
      { name: 'amount', title: 'Entities', draw: (row) => (row.entities ? (row.in_place < row.entities ? `${row.in_place} / ${row.entities}` : String(row.entities)) : '–') },
      { name: 'why', title: 'Why', draw: (row) => cells(row.code && el('strong', {}, row.code), row.code && ' ', row.reason) },
    ],
  },
  entities: {
    path: '/api/entities',
    keyOf: (row) => `${row.kind}|${row.id}|${row.title}`,
    columns: [
      { name: 'state', title: 'State', draw: (row) => badge(row.state) },
      { name: 'kind', title: 'Kind', draw: (row) => row.kind },
      { name: 'title', title: 'Entity', draw: (row) => row.title },
      { name: 'from', title: 'From', draw: (row) => row.objects.map((object) => `${object.kind} ${place(object)}`).join(', ') },
      { name: 'made', title: 'Made by', draw: (row) => cells(made(row), row.overrides && el('span', { class: 'own' }, ' overridden')) },
      { name: 'answer', title: 'Last answer', draw: (row) => (row.answer ? `${row.answer.status || 'none'} · ${duration(row.answer.ms)} · ${ago(row.answer.at)}` : '–') },
    ],
  },
  problems: {
    path: '/api/problems',
    keyOf: (row) => `${row.code}|${row.object}|${row.text}`,
    columns: [
      { name: 'severity', title: 'Severity', draw: (row) => el('span', { class: `severity ${row.severity}` }, icon(row.severity === 'error' ? 'refused' : 'incomplete'), row.severity) },
      { name: 'code', title: 'Code', draw: (row) => row.code },
      { name: 'title', title: 'Object', draw: (row) => row.object },
      { name: 'why', title: 'What is wrong', draw: (row) => row.text },
    ],
  },
}

export class Explorer {
  constructor(section) {
    this.section = section
    this.now = null
    this.rules = []
    this.filters = { kind: '', namespace: '', state: new Set(), text: '', severity: '' }
    this.tabs = el('div', { role: 'tablist', class: 'tabs', 'aria-label': 'What is listed' }, TABS.map(([name, title]) => el('button', {
      role: 'tab', type: 'button', id: `tab-${name}`, 'aria-controls': 'listed', 'aria-selected': 'false', tabindex: -1, onclick: () => this.show(name),
    }, title, el('span', { class: 'tab-count' }))))
    this.tabs.addEventListener('keydown', (event) => this.tabKey(event))
    this.search = el('input', { type: 'search', id: 'search', placeholder: 'Search ( / )', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Search by name' })
    this.search.addEventListener('input', () => this.typed())
    this.kind = el('select', { 'aria-label': 'Kind' })
    this.namespace = el('select', { 'aria-label': 'Namespace' })
    this.kind.addEventListener('change', () => this.filter({ kind: this.kind.value }))
    this.namespace.addEventListener('change', () => this.filter({ namespace: this.namespace.value }))
    this.chips = el('div', { class: 'chips', role: 'group', 'aria-label': 'States' })
    this.tools = el('div', { class: 'tools' }, this.search, this.kind, this.namespace, this.chips)
    this.detail = el('aside', { class: 'detail', id: 'chosen', 'aria-labelledby': 'detail-title', hidden: true })
    this.list = el('div', { class: 'list', id: 'listed', role: 'tabpanel', tabindex: -1 })
    section.replaceChildren(this.tabs, this.tools, el('div', { class: 'split' }, this.list, this.detail))
    section.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !this.detail.hidden) this.close() })
    document.addEventListener('keydown', (event) => this.shortcut(event))
    this.fromAddress()
  }

  shortcut(event) {
    const typing = event.target.closest?.('input, select, textarea')
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && LISTS[this.tab]) {
      event.preventDefault()
      this.search.focus()
    }
  }

  tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const at = TABS.findIndex(([name]) => name === this.tab)
    this.show(TABS[(at + step + TABS.length) % TABS.length][0])
    this.tabs.querySelector('[aria-selected=true]').focus()
  }

  typed() {
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.filter({ text: this.search.value.trim() }), TYPING_MS)
  }

  // From elsewhere on the page: another list, with these filters alone.
  go(tab, filters) {
    if (filters) this.filters = { kind: '', namespace: '', state: new Set(), text: '', severity: '', ...filters }
    this.show(tab, true)
    this.section.scrollIntoView({ block: 'start' })
    this.section.focus({ preventScroll: true })
  }

  filter(change) {
    Object.assign(this.filters, change)
    this.drawTools()
    this.toAddress()
    this.grid?.reset()
  }

  query(offset, limit) {
    const query = new URLSearchParams({ offset, limit })
    const { kind, namespace, state, text, severity } = this.filters
    for (const [name, value] of Object.entries({ kind, namespace, text, state: [...state].join(','), severity })) if (value) query.set(name, value)
    return query
  }

  show(tab, again) {
    if (this.tab === tab && !again) return
    const other = this.tab !== tab
    if (other && !again) Object.assign(this.filters, { kind: '', state: new Set(), severity: '' })
    this.tab = tab
    this.grid?.stop()
    this.grid = null
    for (const button of this.tabs.children) {
      const chosen = button.id === `tab-${tab}`
      button.setAttribute('aria-selected', String(chosen))
      button.tabIndex = chosen ? 0 : -1
    }
    this.list.setAttribute('aria-labelledby', `tab-${tab}`)
    this.tools.hidden = !LISTS[tab]
    if (other) this.close(true)
    if (LISTS[tab]) this.showGrid(tab)
    else this.showTable()
    this.drawTools()
    this.toAddress()
  }

  showGrid(tab) {
    const list = LISTS[tab]
    this.list.className = `list ${tab}`
    this.grid = new Grid({
      label: TABS.find(([name]) => name === tab)[1], columns: list.columns, keyOf: list.keyOf,
      ask: async (offset, limit, signal) => {
        const answer = await ask(`${list.path}?${this.query(offset, limit)}`, signal)
        this.list.dataset.total = answer.total
        return answer
      },
      open: (row) => this.open(tab, row, true),
    })
    this.list.replaceChildren(this.grid.node)
    this.grid.draw()
  }

  open(tab, row, focus) {
    this.chosen = [tab, row]
    this.detail.hidden = false
    this.section.classList.add('has-detail')
    const close = () => this.close()
    const openObject = (object) => this.open('objects', object, true)
    if (tab === 'objects') showObject(this.detail, row, close, focus)
    else if (tab === 'entities') showEntity(this.detail, row, close, openObject, focus)
    else showProblem(this.detail, row, close, openObject, focus)
  }

  close(quietly) {
    this.chosen = null
    this.detail.hidden = true
    this.section.classList.remove('has-detail')
    if (this.grid) this.grid.chosen = null
    this.grid?.draw()
    if (!quietly) this.grid?.node.focus({ preventScroll: true })
  }

  options(select, first, values, chosen) {
    const wanted = JSON.stringify([first, values, chosen])
    if (select.dataset.drawn === wanted) return
    select.dataset.drawn = wanted
    if (chosen && !values.some(([value]) => value === chosen)) values.push([chosen, shortKind(chosen)])
    select.replaceChildren(el('option', { value: '' }, first), ...values.map(([value, text]) => el('option', { value, selected: value === chosen }, text)))
    select.value = chosen
  }

  drawTools() {
    if (!this.now || !LISTS[this.tab]) return
    const { kinds, entity_kinds: entityKinds, namespaces } = this.now
    const { kind, namespace, state, text } = this.filters
    if (document.activeElement !== this.search) this.search.value = text
    this.kind.hidden = this.tab === 'problems'
    if (this.tab === 'entities') this.options(this.kind, 'Every kind', entityKinds.map((one) => [one.kind, `${one.kind} (${number(one.count)})`]), kind)
    else this.options(this.kind, 'Every kind', kinds.filter((one) => one.objects > 0).map((one) => [one.id, `${one.kind} (${number(one.objects)})`]), kind)
    this.options(this.namespace, 'Every namespace', namespaces.map((name) => [name, name]), namespace)
    if (this.tab === 'problems') return this.drawSeverities()
    const counts = this.counts()
    this.drawChips(STATES.filter((one) => counts[one] || state.has(one)).map((one) => ({
      name: one, pressed: state.has(one), title: WORDS[one], content: [icon(one), one, el('span', { class: 'chip-count' }, number(counts[one] ?? 0))],
      press: () => {
        const next = new Set(state)
        if (!next.delete(one)) next.add(one)
        this.filter({ state: next })
      },
    })))
  }

  drawSeverities() {
    const { errors, warnings } = this.now.problem_counts
    const rows = [['error', 'errors only', errors], ['warn', 'errors and warnings', errors + warnings]]
    this.drawChips(rows.map(([name, words, amount]) => ({
      name, pressed: this.filters.severity === name, title: words, content: [words, el('span', { class: 'chip-count' }, number(amount))],
      press: () => this.filter({ severity: this.filters.severity === name ? '' : name }),
    })))
  }

  drawChips(chips) {
    const wanted = JSON.stringify([this.tab, chips.map((chip) => [chip.name, chip.pressed, chip.content.at(-1).textContent])])
    if (this.chips.dataset.drawn === wanted) return
    this.chips.dataset.drawn = wanted
    const at = [...this.chips.children].indexOf(document.activeElement)
    this.chips.replaceChildren(...chips.map((chip) => el('button', {
      type: 'button', class: `chip s-${chip.name}`, 'aria-pressed': String(chip.pressed), title: chip.title, onclick: chip.press,
    }, chip.content)))
    if (at >= 0) this.chips.children[Math.min(at, this.chips.children.length - 1)]?.focus()
  }

  // By state, of the kind that is chosen or of all.
  counts() {
    const { kind } = this.filters
    const rows = this.tab === 'entities' ? this.now.entity_kinds : this.now.kinds
    const one = kind && rows.find((row) => (row.id ?? row.kind) === kind)
    if (kind) return one ? one.states : {}
    return this.tab === 'entities' ? this.now.entities : this.now.objects
  }

  showTable() {
    this.list.className = `list table ${this.tab}`
    const scroll = this.list.firstElementChild?.scrollTop
    const table = this.tab === 'rules' ? this.rulesTable() : this.kindsTable()
    this.list.replaceChildren(el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': this.tab === 'rules' ? 'Rule files' : 'Kinds of objects' }, table))
    if (scroll) this.list.firstElementChild.scrollTop = scroll
  }

  rulesTable() {
    const folder = this.now?.self.overrides
    const sorted = [...this.rules].sort((a, b) => isOwn(b) - isOwn(a) || b.entities + b.changed - a.entities - a.changed)
    return el('table', {}, el('thead', {}, el('tr', {}, ['File', 'What it does', 'Steps', 'Entities'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, sorted.map((file) => el('tr', { class: isOwn(file) ? 'own' : null },
        el('td', { class: 'mono', title: file.file }, fileName(file.file, folder)), el('td', {}, isOwn(file) ? el('strong', {}, file.verb) : file.verb, ' ', shortKind(file.target)),
        el('td', {}, el('div', { class: 'steps' }, file.steps.map((step) => el('code', {}, step)))),
        el('td', { class: 'amount' }, isOwn(file) && !file.entities ? `${number(file.changed)} changed` : number(file.entities))))))
  }

  kindsTable() {
    const order = { frozen: 0, waiting: 1, starting: 2, synced: 3 }
    const kinds = [...(this.now?.kinds ?? [])].sort((a, b) => order[a.state] - order[b.state] || b.objects - a.objects)
    return el('table', {}, el('thead', {}, el('tr', {}, ['Kind', 'Watched', 'Objects', 'By state', ''].map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'visually-hidden' }, 'Why'))))),
      el('tbody', {}, kinds.map((kind) => el('tr', {},
        el('td', {}, el('button', { type: 'button', class: 'link mono', onclick: () => this.go('objects', { kind: kind.id }) }, kind.id)),
        el('td', {}, el('span', { class: `watched ${kind.state}` }, kind.state)), el('td', { class: 'amount' }, number(kind.objects)),
        el('td', {}, Object.entries(kind.states).map(([state, amount]) => el('span', { class: `badge s-${state}` }, icon(state), `${number(amount)} ${state}`))),
        el('td', { class: 'soft' }, kind.reason)))))
  }

  takeOverview(now) {
    const first = this.now === null
    this.now = now
    for (const [name, amount] of [['objects', now.kinds.reduce((sum, kind) => sum + kind.objects, 0)], ['entities', Object.values(now.entities).reduce((a, b) => a + b, 0)],
      ['problems', now.problem_counts.errors + now.problem_counts.warnings], ['kinds', now.kinds.length]])
      this.tabs.querySelector(`#tab-${name} .tab-count`).textContent = number(amount)
    this.drawTools()
    if (this.tab === 'kinds') this.redrawTable(now.kinds)
    if (first || this.tab === 'entities' || this.tab === 'problems') this.again()
  }

  redrawTable(data) {
    const text = JSON.stringify(data)
    if (this.drawn === text || this.list.contains(document.activeElement)) return
    this.drawn = text
    this.showTable()
  }

  takeRules(rules) {
    this.rules = rules
    this.tabs.querySelector('#tab-rules .tab-count').textContent = number(rules.length)
    if (this.tab === 'rules') this.redrawTable(rules)
  }

  takeObjects({ rows, more }) {
    const chosen = this.chosen && this.chosen[0] === 'objects' ? LISTS.objects.keyOf(this.chosen[1]) : null
    for (const row of rows) if (LISTS.objects.keyOf(row) === chosen) this.open('objects', row, false)
    if (this.tab !== 'objects') return this.again()
    let others = more || this.filters.state.size > 0
    for (const row of rows) if (!row.there || !this.grid.update(row)) others = true
    if (others) this.again()
  }

  // The list is asked for again, soon, and not too often.
  again() {
    if (this.waiting || !this.grid) return
    this.waiting = setTimeout(() => {
      this.waiting = null
      this.grid?.refresh()
    }, AGAIN_MS)
  }

  toAddress() {
    const query = new URLSearchParams({ tab: this.tab })
    const { kind, namespace, state, text, severity } = this.filters
    for (const [name, value] of Object.entries({ kind, namespace, text, state: [...state].join(','), severity })) if (value) query.set(name, value)
    history.replaceState(null, '', `#${query}`)
  }

  fromAddress() {
    const query = new URLSearchParams(location.hash.slice(1))
    const tab = TABS.some(([name]) => name === query.get('tab')) ? query.get('tab') : 'objects'
    const states = (query.get('state') ?? '').split(',').filter((one) => STATES.includes(one))
    this.filters = { kind: query.get('kind') ?? '', namespace: query.get('namespace') ?? '', text: query.get('text') ?? '', severity: query.get('severity') ?? '', state: new Set(states) }
    this.show(tab, true)
  }
}

