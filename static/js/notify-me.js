// A switch for notifications: the browser is asked when a person presses it, and a "no" is said and kept.
const KEY = "notify"

// Whether the browser allows notifications and the person has not turned them off here.
export function wanted() {
  return "Notification" in window && Notification.permission === "granted" && read() !== "off"
}

// A browser may forbid storage altogether; then the switch is as the browser's own permission.
function read() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function write(value) {
  try {
    localStorage.setItem(KEY, value)
  } catch {
    return
  }
}

class NotifyMe extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button")
    this.button.addEventListener("click", () => this.press())
    this.show()
    if (!("Notification" in window)) return
    const asked = navigator.permissions?.query({ name: "notifications" })
    asked?.then(status => status.addEventListener("change", () => this.show())).catch(() => {})
  }

  async press() {
    if (this.why) return this.show()
    const off = wanted()
    if (!off) await Notification.requestPermission()
    write(off ? "off" : "on")
    this.show()
  }

  // Why the browser will not do it, if it will not.
  get why() {
    if (!("Notification" in window)) return "missing"
    return Notification.permission === "denied" ? "denied" : ""
  }

  show() {
    this.button.hidden = false
    this.button.setAttribute("aria-checked", wanted())
    this.button.setAttribute("aria-disabled", Boolean(this.why))
    for (const words of this.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== this.why
  }
}

customElements.define("notify-me", NotifyMe)
