// The page in a browser.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { accessibility, Controller, controlPlane, eventually, ingress, launch, plugin, service, visit } from './room.js'

const MARKUP = '<img src=x onerror="window.hurt=1">'
const rows = '.grid-body [data-at]'

let browser
before(async () => { browser = await launch() })
after(async () => { await browser?.close() })

const converged = (status) => status.state === 'converged'
const some = (count, make) => Array.from({ length: count }, (_, index) => make(index))

async function told(page, sentence) {
  await page.waitForFunction((text) => document.getElementById('sentence').textContent.includes(text), sentence)
}

describe('a shop', () => {
  let shop
  before(async () => {
    shop = await new Controller([
      service('shop', 'page'), ingress('shop', 'page'), service('shop', 'api'), ingress('shop', 'api', { annotations: { 'konghq.com/plugins': 'key' } }),
      plugin('shop', 'key', 'key-auth', { key_names: ['apikey'] }), ingress('shop', 'theirs', { class: 'nginx', service: 'page' }),
      ingress('shop', 'lost', { annotations: { 'konghq.com/plugins': 'nowhere' }, service: 'page' }),
    ]).up()
    await shop.settled('all is told', (status) => status.objects.withheld === 1 && status.objects.programmed >= 4)
  })
  after(async () => { await shop?.stop() })

  it('tells the essentials without a script', async () => {
    const { page, leave } = await visit(browser, shop.url, { script: false })
    assert.match(await page.textContent('#sentence'), /entity|entities/)
    assert.match(await page.textContent('#cluster'), /Ingress\s*4/)
    assert.match(await page.textContent('#gateway'), /route\s*3/)
    assert.match(await page.textContent('#problems'), /PluginNotFound/)
    await leave()
  })

  it('is accessible in light and dark, wide and narrow, in every list', async () => {
    for (const tab of ['objects', 'entities', 'problems', 'rules', 'kinds'])
      for (const options of [{ dark: false }, { dark: true, width: 390 }]) {
        const found = await accessibility(browser, `${shop.url}#tab=${tab}`, options, async (page) => {
          await page.waitForSelector(['rules', 'kinds'].includes(tab) ? '.list tbody tr' : rows)
          if (!['rules', 'kinds'].includes(tab)) {
            await page.click(`${rows} >> nth=0`)
            await page.waitForSelector('#chosen:not([hidden]) h3')
          }
        })
        assert.deepEqual(found, [], `${tab} ${JSON.stringify(options)}`)
      }
  })

  it('shows what came of an object, down to the rule and the answer', async () => {
    const { page, seen, leave } = await visit(browser, `${shop.url}#tab=objects&kind=networking.k8s.io/v1/Ingress`)
    await page.click(`${rows}:has-text("shop/api")`)
    const route = page.locator('#chosen .trace li', { hasText: 'rules/ingress.lua' }).locator('details').first()
    await route.locator('summary').click()
    const text = await route.textContent()
    assert.match(text, /made atrules\/ingress\.lua:\d+/)
    assert.match(text, /guarded bykey-auth:route/)
    assert.match(text, /last answer(create|update) → 20\d/)
    await page.click(`${rows}:has-text("shop/theirs")`)
    await page.waitForFunction(() => /not ours: its class is 'nginx'/.test(document.getElementById('chosen').textContent))
    assert.deepEqual(seen, [])
    await leave()
  })

  it('goes from an entity to its object', async () => {
    const { page, leave } = await visit(browser, `${shop.url}#tab=entities&kind=plugin`)
    await page.click(`${rows}:has-text("key-auth")`)
    await page.click('#chosen button:has-text("KongPlugin shop/key")')
    await page.waitForSelector('#detail-title:has-text("KongPlugin shop/key")')
    await leave()
  })

  it('is used by keyboard alone', async () => {
    const { page, leave } = await visit(browser, shop.url)
    await page.waitForSelector(rows)
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute('role') || document.activeElement.tagName)

    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the objects')
    await page.keyboard.press('Enter')
    assert.equal(await focused(), 'explorer')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'tab-objects')
    await page.keyboard.press('ArrowRight')
    assert.equal(await focused(), 'tab-entities')
    await page.keyboard.press('ArrowLeft')
    await page.waitForSelector(`${rows}:has-text("Ingress")`)

    await page.keyboard.press('/')
    assert.equal(await focused(), 'search')
    await page.keyboard.type('shop/page')
    await page.waitForFunction(() => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '3')
    while (await focused() !== 'grid') await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    assert.equal(await page.getAttribute('[role=grid]', 'aria-activedescendant'), 'row-1')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#detail-title:has-text("Ingress shop/page")')
    assert.equal(await focused(), 'detail-title')
    await page.keyboard.press('Escape')
    assert.equal(await page.isHidden('#chosen'), true)
    assert.equal(await focused(), 'grid')
    await leave()
  })

  it('remembers the theme', async () => {
    const { page, leave } = await visit(browser, shop.url)
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.click('#theme')
    await page.click('#theme')
    const dark = await paper()
    assert.notEqual(light, dark)
    await page.reload()
    await page.waitForSelector('#theme:has-text("dark")')
    assert.equal(await paper(), dark)
    await leave()
  })

  it('shows a change when it comes, and what goes again', async () => {
    const { page, seen, leave } = await visit(browser, `${shop.url}#tab=objects&text=late`)
    await page.waitForSelector('.live.live')
    await page.waitForSelector('.grid-row.none:has-text("Nothing fits")')
    shop.write('late.json', [service('shop', 'late'), ingress('shop', 'late')])
    await page.waitForSelector(`${rows}:has-text("shop/late"):has-text("programmed")`)
    await page.waitForFunction(() => /created/.test(document.getElementById('last-sync').textContent))
    await page.click(`${rows}:has-text("Ingress")`)
    shop.write('late.json', [service('shop', 'late'), ingress('shop', 'late', { annotations: { 'konghq.com/plugins': 'gone-plugin' } })])
    await page.waitForSelector('#chosen .state-line:has-text("incomplete")')
    shop.remove('late.json')
    await page.waitForSelector('.grid-row.none:has-text("Nothing fits")')
    assert.deepEqual(seen, [])
    await leave()
  })
})

it('says that there is nothing', async () => {
  const nothing = await new Controller([]).up()
  await nothing.settled('it is converged', converged)
  const { page, seen, leave } = await visit(browser, nothing.url)
  await told(page, 'The gateway is as the cluster says.')
  await page.waitForSelector('.grid-row.none:has-text("Nothing fits")')
  assert.match(await page.textContent('#cluster .figure'), /0 objects/)
  assert.deepEqual(seen, [])
  assert.deepEqual(await accessibility(browser, nothing.url, {}, (one) => one.waitForSelector('.grid-row.none')), [])
  await leave()
  await nothing.stop()
})

it('scrolls and filters ten thousand objects, with a window of them in the page', async () => {
  const many = await new Controller([...some(9990, (index) => service(`team-${index % 10}`, `app-${String(index).padStart(5, '0')}`)),
    ...some(10, (index) => ingress('front', `door-${index}`, { service: 'app-00000' }))]).up()
  await many.settled('all are there', (status) => Object.values(status.objects).reduce((a, b) => a + b, 0) >= 10000)
  const { page, seen, leave } = await visit(browser, many.url)
  await page.waitForFunction(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) >= 10001)
  const inPage = () => page.locator(rows).count()
  assert.ok(await inPage() < 100)

  await page.focus('[role=grid]')
  await page.keyboard.press('End')
  await page.waitForSelector(`${rows}:has-text("app-09989")`)
  assert.ok(await inPage() < 100)
  await page.evaluate(() => { document.querySelector('[role=grid]').scrollTop /= 2 })
  await page.waitForFunction(() => [...document.querySelectorAll('.grid-body [data-at]')].every((row) => row.querySelector('.cell.title')))

  await page.fill('#search', 'TEAM-7/app-0123')
  await page.waitForFunction(() => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '2')
  assert.match(await page.textContent(rows), /team-7\/app-01237/)
  await page.fill('#search', '')
  await page.selectOption('select[aria-label=Namespace]', 'front')
  await page.waitForFunction(() => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '11')
  await page.click('.chip:has-text("incomplete")')
  await page.waitForFunction(() => document.querySelectorAll('.grid-body [data-at] .s-incomplete').length >= 10)
  assert.match(page.url(), /namespace=front&state=incomplete/)
  assert.deepEqual(seen, [])
  await leave()
  await many.stop()
})

it('holds deletes, and shows the command that approves them', async () => {
  const brake = await new Controller([], []).up()
  brake.write('shop.json', some(40, (index) => [service('shop', `app-${index}`), ingress('shop', `app-${index}`)]).flat())
  await brake.settled('all are in place', (status) => converged(status) && status.objects.programmed >= 80)
  brake.write('shop.json', [service('shop', 'app-0'), ingress('shop', 'app-0')])
  const held = await brake.settled('deletes are held', (status) => status.held.objects > 0)
  const { page, leave } = await visit(browser, `${brake.url}#state=held`)
  await told(page, 'wait for an approval')
  assert.equal(await page.textContent('#held .command'), `kongruent approve ${held.held.hash}`)
  await page.waitForSelector(`${rows}:has-text("it is deleted, and served until that is approved")`)
  assert.deepEqual(await accessibility(browser, brake.url, { dark: true }, (one) => one.waitForSelector('#held:not([hidden])')), [])
  brake.write('shop.json', some(40, (index) => [service('shop', `app-${index}`), ingress('shop', `app-${index}`)]).flat())
  await page.waitForSelector('#held', { state: 'hidden' })
  await leave()
  await brake.stop()
})

it('takes nothing from outside for markup: names, annotations, messages of the gateway', async () => {
  const hostile = await new Controller([
    service('shop', 'page'), ingress('shop', MARKUP, { host: 'a.test', service: 'page', annotations: { 'konghq.com/plugins': `${MARKUP},bad` } }),
    ingress(`"><script>window.hurt=2</script>`, 'page', { service: `</td><script>window.hurt=3</script>` }),
    plugin('shop', 'bad', 'key-auth', { key_names: ['k'], [MARKUP]: 1 }), ingress('shop', 'refused', { service: 'page', annotations: { 'konghq.com/plugins': 'bad' } }),
  ]).up()
  await hostile.settled('it is told', (status) => status.problem_counts.errors >= 3)
  for (const tab of ['objects', 'entities', 'problems']) {
    const { page, seen, leave } = await visit(browser, `${hostile.url}#tab=${tab}&text=${encodeURIComponent('')}`)
    await page.waitForSelector(rows)
    const count = await page.locator(rows).count()
    for (let at = 0; at < count; at++) {
      await page.click(`${rows} >> nth=${at}`)
      await page.waitForSelector('#chosen:not([hidden]) h3')
    }
    assert.equal(await page.evaluate(() => window.hurt), undefined)
    assert.equal(await page.locator('img[src="x"], main script').count(), 0)
    assert.deepEqual(seen, [], tab)
    await leave()
  }
  const { page, leave } = await visit(browser, hostile.url)
  await page.waitForFunction((text) => document.querySelector('.grid-body').textContent.includes(text), MARKUP)
  await assert.rejects(page.evaluate(() => { document.body.innerHTML = '<b>no</b>' }), /TrustedHTML/)
  await leave()
  await hostile.stop()
})

it('says that data planes are not read back, and no password of an address', async () => {
  const plane = await controlPlane()
  const hybrid = await new Controller([], [], `http://admin:hunter2@${plane.address}`).up()
  await hybrid.settled('it is converged', converged)
  const { page, seen, leave } = await visit(browser, hybrid.url)
  await page.waitForSelector('#gateway .foot:has-text("Data planes: what they have is not read back yet.")')
  assert.match(await page.textContent('#gateway .url'), /http:\/\/\*\*\*@127/)
  assert.doesNotMatch(await page.content(), /hunter2/)
  for (const path of ['', 'status.json', 'api/overview', 'metrics']) assert.doesNotMatch(await (await fetch(hybrid.url + path)).text(), /hunter2/, path)
  assert.deepEqual(seen, [])
  await leave()
  await hybrid.stop()
  await plane.stop()
})

it('goes on by asking when as many pages are open as are kept current', async () => {
  const busy = await new Controller([service('shop', 'page')], ['--page-clients', '1']).up()
  await busy.settled('it is converged', converged)
  const first = await visit(browser, busy.url)
  await first.page.waitForSelector('.live.live')
  const second = await visit(browser, busy.url)
  await second.page.waitForSelector('.live.polling')
  busy.write('more.json', [service('shop', 'more')])
  await second.page.waitForSelector(`${rows}:has-text("shop/more")`)
  await first.leave()
  await second.leave()
  await busy.stop()
})

it('says when the controller is gone, and goes on when it is back', async () => {
  const gone = await new Controller([service('shop', 'page')]).up()
  const { page, leave } = await visit(browser, gone.url)
  await page.waitForSelector('.live.live')
  await gone.stop()
  await page.waitForSelector('.live.lost')
  await eventually('the rows are still there', async () => (await page.locator(rows).count()) > 0)
  await leave()
})
