// Says a new notice as a notification of the browser, if that is wanted and the person looks elsewhere.
import { wanted } from "./notify-me.js"

class NoticeBell extends HTMLElement {
  static observedAttributes = ["data-count"]

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
