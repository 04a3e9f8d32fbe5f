// Chooses pictures: circles on frames and days, a click while some are chosen, Shift for all between, Mod+A, Esc.
// What is chosen is kept by the server. Here it is known as a list of deeds, the last one that names a picture counts:
// so frames that come later, or come back, show what they are.
import { isTyped } from "./pressed.js"
import { Lasso } from "./lasso.js"
import { LongPress } from "./long-press.js"

class ImageSelection extends HTMLElement {
  deeds = []
  waiting = []
  url = ""

  connectedCallback() {
    this.list = document.getElementById(this.dataset.list ?? "rows")
    if (!this.list) return
    this.leaving = new AbortController()
    const { signal } = this.leaving
    this.list.addEventListener("click", event => this.click(event), { signal })
    this.list.addEventListener("rows:back", () => this.show(), { signal })
    this.list.addEventListener("dragstart", event => this.isOn && event.preventDefault(), { signal })
    document.addEventListener("keydown", event => this.key(event), { signal })
    this.watch = new MutationObserver(() => this.show())
    this.watch.observe(this.list, { childList: true })
    this.lasso = new Lasso(this, signal)
    this.press = new LongPress(this, signal)
    this.resume()
  }

  disconnectedCallback() {
    this.leaving?.abort()
    this.watch?.disconnect()
  }

  get isOn() {
    return this.deeds.length > 0
  }

  boxes() {
    return [...this.list.querySelectorAll("[name=image]")]
  }

  has(id) {
    return this.deeds.findLast(deed => deed.ids?.has(id) ?? (id >= deed.first && id <= deed.last))?.on ?? false
  }

  click(event) {
    if (event.target.matches("[data-day]")) return this.day(event.target)
    const box = event.target.matches("[name=image]") && event.target
    const link = event.target.closest(".tile__link")
    if (box) return this.turn(box, box.checked, event.shiftKey)
    if (!link || event.metaKey || event.ctrlKey || !(this.isOn || event.shiftKey)) return
    event.preventDefault()
    const own = link.closest(".tile").querySelector("[name=image]")
    if (own) this.turn(own, !own.checked, event.shiftKey)
  }

  // With Shift it is all from the last one that was turned to this one; not all of them need be on the page.
  turn(box, on, between) {
    const from = between && this.anchor
    this.anchor = box.value
    if (!from) return this.do({ ids: new Set([box.value]), on })
    if (this.dataset.list) return this.do({ ids: this.between(from, box.value), on })
    const [first, last] = [from, box.value].sort()
    this.do({ first, last, on })
  }

  // A collection lies in the order of a hand, which ids do not know: there it is what stands between on the page.
  between(from, to) {
    const ids = this.boxes().map(box => box.value)
    const [first, last] = [ids.indexOf(from), ids.indexOf(to)].sort((a, b) => a - b)
    return new Set(first < 0 ? [to] : ids.slice(first, last + 1))
  }

  day(box) {
    const [first, last] = box.value.split(" ")
    this.do({ first, last, on: box.checked })
  }

  do(deed) {
    this.deeds.push(deed)
    this.show()
    const before = this.waiting.at(-1)
    if (before?.ids && deed.ids && before.on === deed.on) for (const id of deed.ids) before.ids.add(id)
    else this.waiting.push(deed.ids ? { ...deed, ids: new Set(deed.ids) } : deed)
    this.tell()
  }

  everything() {
    this.deeds = []
    this.do({ first: "", last: "g", on: true, everything: true })
  }

  // One request at a time: they must arrive in order. What is done meanwhile goes together.
  async tell() {
    if (this.isTelling) return
    this.isTelling = true
    while (this.waiting.length) {
      const { ids, first, last, on, everything } = this.waiting.shift()
      const what = everything ? { everything: 1 } : ids ? { images: [...ids].join() } : { first, last }
      const url = this.url ? `${this.url}picks/` : this.dataset.start
      await this.send(url, { ...what, on: Number(on), query: this.dataset.query })
    }
    this.isTelling = false
    if (this.count === "0") this.end()
    else this.remember()
  }

  async send(url, values) {
    const token = document.querySelector("#selection [name=csrfmiddlewaretoken]").value
    const headers = { "HX-Request": "true", "X-CSRFToken": token }
    const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(values) })
    if (response.status === 404 && this.url) return this.end() // its day is over
    if (!response.ok) return location.reload()
    this.put(await response.text())
  }

  put(html) {
    document.getElementById("grip").outerHTML = html
    window.htmx.process(document.getElementById("grip"))
  }

  // What the bar says when it comes: `<selection-news>` calls this.
  async hear({ url, count, did, over }) {
    this.url = url
    this.count = count
    if (did === "uncollected" && over !== undefined) this.takeOut()
    else if (did) await this.renew()
    if (over !== undefined) this.forget()
  }

  takeOut() {
    for (const box of this.boxes()) if (this.has(box.value)) box.closest(".tile").remove()
  }

  // The chosen frames as they are now, each in its place; also those that the last deed was about.
  async renew() {
    const there = [...this.list.querySelectorAll(".tile")].map(tile => tile.id.replace("tile-", ""))
    const ids = there.filter(id => this.has(id) || this.last?.has(id))
    this.last = new Set(ids)
    const step = 24
    for (let at = 0; at < ids.length; at += step) {
      const query = new URLSearchParams(this.dataset.query)
      query.set("images", ids.slice(at, at + step).join())
      await window.htmx.ajax("GET", `${this.dataset.tiles}?${query}`, { target: this, swap: "none" })
    }
    this.show()
  }

  show() {
    for (const box of this.boxes()) box.checked = this.has(box.value)
    for (const box of this.list.querySelectorAll("[data-day]")) box.checked = this.isWhole(box)
    document.documentElement.classList.toggle("is-selecting", this.isOn)
  }

  isWhole(box) {
    const [first, last] = box.value.split(" ")
    const own = this.boxes().filter(each => each.value >= first && each.value < last)
    return own.length > 0 && own.every(each => each.checked)
  }

  forget() {
    this.deeds = []
    this.url = this.anchor = ""
    this.show()
    this.remember()
  }

  end() {
    this.forget()
    this.last = undefined
    this.put('<div id="grip" hidden></div>')
  }

  key(event) {
    if (!this.isOn || document.querySelector("dialog[open], :popover-open")) return
    if (event.key === "Escape" && !isTyped(event)) this.end()
    if (event.key !== "a" || !(event.metaKey || event.ctrlKey) || event.target.matches("input:not([type=checkbox]), textarea")) return
    event.preventDefault()
    this.everything()
  }

  // Whoever goes to a picture's own page and comes back finds the same chosen.
  remember() {
    const deeds = this.deeds.map(deed => ({ ...deed, ids: deed.ids && [...deed.ids] }))
    const kept = { query: this.dataset.query, url: this.url, deeds }
    if (this.isOn) sessionStorage.setItem("selection", JSON.stringify(kept))
    else sessionStorage.removeItem("selection")
  }

  async resume() {
    const kept = JSON.parse(sessionStorage.getItem("selection") ?? "{}")
    if (!kept.url || kept.query !== this.dataset.query) return
    const response = await fetch(kept.url, { headers: { "HX-Request": "true" } })
    if (!response.ok) return sessionStorage.removeItem("selection")
    this.deeds = kept.deeds.map(deed => (deed.ids ? { ...deed, ids: new Set(deed.ids) } : deed))
    this.show()
    this.put(await response.text())
  }
}

customElements.define("image-selection", ImageSelection)

// Comes with every new bar, and says what it is about.
class SelectionNews extends HTMLElement {
  connectedCallback() {
    const selection = document.querySelector("image-selection")
    const bar = this.closest("#grip")
    selection?.hear?.(this.dataset)
    bar.querySelector("[data-end]")?.addEventListener("click", () => selection?.end())
    bar.querySelector("[data-everything]")?.addEventListener("click", event => {
      if (!selection?.list) return
      event.preventDefault()
      selection.everything()
    })
  }
}

customElements.define("selection-news", SelectionNews)

// Stands in the bar when a ZIP was asked for: it is fetched at once.
class SelectionFile extends HTMLElement {
  connectedCallback() {
    this.closest("#grip").querySelector("[download]").click()
    this.remove()
  }
}

customElements.define("selection-file", SelectionFile)
