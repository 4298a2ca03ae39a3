// A window onto a long list: rows that can be seen are in the page, the others at the server.
import { el, number } from './dom.js'

const PAGE = 100 // rows asked for at once
const PAGES_KEPT = 12
const AROUND = 6 // rows drawn beyond the edges

export class Grid {
  // columns: [{ name, title, draw(row) }]; ask(offset, limit, signal) → { total, rows }; open(row); keyOf(row)
  constructor({ label, columns, ask, open, keyOf }) {
    Object.assign(this, { columns, ask, open, keyOf, total: null, active: -1, chosen: null, pages: new Map(), asked: new Map(), nodes: new Map(), failed: null })
    this.body = el('div', { role: 'rowgroup', class: 'grid-body' })
    this.head = el('div', { role: 'rowgroup', class: 'grid-head' }, el('div', { role: 'row', class: 'grid-row', 'aria-rowindex': 1 },
      columns.map((column) => el('span', { role: 'columnheader', class: `cell ${column.name}` }, column.title))))
    this.node = el('div', { role: 'grid', class: 'grid', tabindex: 0, 'aria-label': label, 'aria-colcount': columns.length, 'aria-rowcount': -1 },
      this.head, this.body)
    this.node.addEventListener('scroll', () => this.draw(), { passive: true })
    this.node.addEventListener('keydown', (event) => this.key(event))
    this.node.addEventListener('focus', () => { if (this.active < 0 && this.total > 0) this.move(this.first()) })
    this.body.addEventListener('click', (event) => {
      const row = event.target.closest('[data-at]')
      if (row) this.choose(Number(row.dataset.at))
    })
    this.resized = new ResizeObserver(() => this.draw())
    this.resized.observe(this.node)
  }

  get height() {
    return parseFloat(getComputedStyle(this.node).getPropertyValue('--row')) || 36
  }

  first() {
    return Math.floor(this.node.scrollTop / this.height)
  }

  // Other rows: from the beginning.
  reset() {
    this.node.scrollTop = 0
    this.active = -1
    this.total = null
    this.forget()
    this.draw()
  }

  forget() {
    for (const control of this.asked.values()) control.abort()
    this.asked.clear()
    this.pages.clear()
    this.failed = null
  }

  // The same rows may be others: those that are seen are asked for again, and stay until then.
  refresh() {
    for (const control of this.asked.values()) control.abort()
    this.asked.clear()
    const seen = this.seenPages()
    for (const page of [...this.pages.keys()]) if (!seen.includes(page)) this.pages.delete(page)
    for (const page of seen) this.load(page)
  }

  // Takes a newer state of rows that are here; true when `key` is one of them.
  update(row) {
    const key = this.keyOf(row)
    for (const rows of this.pages.values()) {
      const at = rows.findIndex((one) => this.keyOf(one) === key)
      if (at < 0) continue
      rows[at] = row
      this.draw()
      return true
    }
    return false
  }

  seenPages() {
    const first = Math.max(0, this.first() - AROUND)
    const last = Math.min(Math.max(0, (this.total ?? 1) - 1), Math.ceil((this.node.scrollTop + this.node.clientHeight) / this.height) + AROUND)
    const pages = []
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page++) pages.push(page)
    return pages
  }

  async load(page) {
    if (this.asked.has(page)) return
    const control = new AbortController()
    this.asked.set(page, control)
    try {
      const answer = await this.ask(page * PAGE, PAGE, control.signal)
      if (this.asked.get(page) !== control) return
      this.total = answer.total
      this.pages.set(page, answer.rows)
      this.failed = null
    } catch (error) {
      if (this.asked.get(page) !== control) return
      this.failed = String(error.message ?? error)
    }
    this.asked.delete(page)
    this.forgetFar(page)
    this.draw()
  }

  forgetFar(page) {
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page))
    while (this.pages.size > PAGES_KEPT) this.pages.delete(far.shift())
  }

  rowAt(at) {
    return this.pages.get(Math.floor(at / PAGE))?.[at % PAGE]
  }

  draw() {
    const height = this.height
    for (const page of this.seenPages()) if (!this.pages.has(page) && this.failed === null) this.load(page)
    this.node.setAttribute('aria-busy', String(this.asked.size > 0))
    if (!this.total) {
      this.nodes.clear()
      this.body.style.height = `${height * 2}px`
      this.body.replaceChildren(el('div', { role: 'row', class: 'grid-row none', 'aria-rowindex': 2 }, el('span', { role: 'gridcell', class: 'cell' },
        this.failed ?? (this.total === 0 ? 'Nothing fits the filters.' : 'Asking…'))))
      this.node.setAttribute('aria-rowcount', '2')
      this.node.removeAttribute('aria-activedescendant')
      return
    }
    this.node.setAttribute('aria-rowcount', String(this.total + 1))
    this.body.style.height = `${this.total * height}px`
    const first = Math.max(0, this.first() - AROUND)
    const last = Math.min(this.total - 1, Math.ceil((this.node.scrollTop + this.node.clientHeight) / height) + AROUND)
    this.active = Math.min(this.active, this.total - 1)
    this.drawRows(first, last, height)
    const active = this.active >= first && this.active <= last ? `row-${this.active}` : null
    if (active) this.node.setAttribute('aria-activedescendant', active)
    else this.node.removeAttribute('aria-activedescendant')
  }

  // Rows that stay keep their nodes: who presses one must let go of the same.
  drawRows(first, last, height) {
    const before = this.nodes
    this.nodes = new Map()
    for (let at = first; at <= last; at++) {
      const row = this.rowAt(at)
      const content = JSON.stringify([row, height])
      let node = before.get(at)
      if (!node || node.content !== content) node = this.makeRow(at, row, height)
      node.content = content
      node.classList.toggle('active', at === this.active)
      node.setAttribute('aria-selected', String(Boolean(row) && this.chosen !== null && this.keyOf(row) === this.chosen))
      this.nodes.set(at, node)
    }
    const wanted = [...this.nodes.values()]
    for (const child of [...this.body.children]) if (!wanted.includes(child)) child.remove()
    wanted.forEach((node, index) => { if (this.body.children[index] !== node) this.body.insertBefore(node, this.body.children[index] ?? null) })
  }

  makeRow(at, row, height) {
    const node = el('div', { role: 'row', id: `row-${at}`, class: 'grid-row', 'data-at': at, 'aria-rowindex': at + 2 },
      row ? this.columns.map((column) => el('span', { role: 'gridcell', class: `cell ${column.name}` }, column.draw(row)))
        : el('span', { role: 'gridcell', class: 'cell loading' }, `${number(at + 1)} …`))
    node.style.transform = `translateY(${at * height}px)`
    return node
  }

  move(at) {
    if (!this.total) return
    this.active = Math.max(0, Math.min(this.total - 1, at))
    const top = this.active * this.height
    const room = this.node.clientHeight - this.head.offsetHeight
    if (top < this.node.scrollTop) this.node.scrollTop = top
    else if (top + this.height > this.node.scrollTop + room) this.node.scrollTop = top + this.height - room
    this.draw()
  }

  choose(at) {
    const row = this.rowAt(at)
    this.active = at
    if (!row) return this.draw()
    this.chosen = this.keyOf(row)
    this.draw()
    this.open(row)
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor(this.node.clientHeight / this.height) - 2)
    const steps = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: this.total - 1 }
    if (event.key in steps) this.move(steps[event.key])
    else if (event.key === 'Enter' || event.key === ' ') this.choose(this.active)
    else return
    event.preventDefault()
  }

  stop() {
    this.resized.disconnect()
    this.forget()
  }
}
