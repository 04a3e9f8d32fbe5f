// News of one generation: a mark in the title while it runs, and when it ended unseen; a notification if it is wanted.
import { wanted } from "./notify-me.js"

const MARK = /^(● \d+ running|✓ Ready|! Trouble) – /
const away = () => document.hidden || !document.hasFocus()
let unseen = ""

function mark() {
  const running = document.querySelectorAll("run-news[data-outcome='']").length
  const words = running ? `● ${running} running` : unseen
  const title = document.title.replace(MARK, "")
  const marked = words ? `${words} – ${title}` : title
  if (document.title !== marked) document.title = marked
}

function look() {
  if (away()) return
  unseen = ""
  mark()
}

window.addEventListener("focus", look)
document.addEventListener("visibilitychange", look)
new MutationObserver(mark).observe(document.querySelector("title"), { childList: true })

class RunNews extends HTMLElement {
  static observedAttributes = ["data-outcome"]

  connectedCallback() {
    mark()
  }

  disconnectedCallback() {
    mark()
  }

  attributeChangedCallback(_name, before, outcome) {
    const over = before === "" && (outcome === "ready" || outcome === "trouble")
    if (over && away()) queueMicrotask(() => this.tell(outcome)) // the words may change just after the outcome
    mark()
  }

  tell(outcome) {
    if (unseen !== "! Trouble") unseen = outcome === "trouble" ? "! Trouble" : "✓ Ready"
    mark()
    if (!wanted()) return
    const body = this.closest(".run")?.querySelector(".run__prompt")?.textContent.slice(0, 120)
    try {
      new Notification(this.dataset.words, { body, tag: this.id }).onclick = () => window.focus()
    } catch {
      return // some browsers leave notifications to service workers
    }
  }
}

customElements.define("run-news", RunNews)
