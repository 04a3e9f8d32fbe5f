// The bell: opens the newest notices over the page, and says a new one to somebody who looks elsewhere.
import { wanted } from "./notify-me.js"

const peek = () => document.getElementById("peek")
const isOpen = () => peek()?.matches(":popover-open")

class NoticeBell extends HTMLElement {
  static observedAttributes = ["data-count"]

  connectedCallback() {
    // The press itself closes what lies over the page: the click that follows must not open it again.
    this.onpointerdown = () => { this.wasOpen = isOpen() }
    this.onclick = event => this.open(event)
  }

  async open(event) {
    const link = event.target.closest("a")
    if (!link || !peek()?.showPopover || event.metaKey || event.ctrlKey || event.shiftKey || innerWidth < 640) return
    event.preventDefault()
    const wasOpen = this.wasOpen || isOpen()
    this.wasOpen = false
    if (wasOpen) return peek().hidePopover()
    await window.htmx.ajax("GET", link.href, { target: "#peek", swap: "innerHTML", headers: { "HX-Target": "section#peek" } })
    peek().showPopover()
    peek().querySelector("a, button")?.focus({ preventScroll: true })
  }

  attributeChangedCallback(_name, before, count) {
    const more = before !== null && Number(count) > Number(before)
    if (more && (document.hidden || !document.hasFocus())) queueMicrotask(() => this.tell()) // the words may change just after
  }

  tell() {
    const { words, line, tag } = this.dataset
    if (!words || !wanted() || document.getElementById(tag)) return // a card on this page tells its own news
    try {
      new Notification(words, { body: line, tag }).onclick = () => window.focus()
    } catch {
      return // some browsers leave notifications to service workers
    }
  }
}

customElements.define("notice-bell", NoticeBell)
