// A switch for notifications: the browser is asked when a person presses it, and a "no" is remembered.
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
  }

  async press() {
    const off = wanted()
    if (!off) await Notification.requestPermission()
    write(off ? "off" : "on")
    this.show()
  }

  show() {
    this.button.hidden = !("Notification" in window) || Notification.permission === "denied"
    this.button.setAttribute("aria-checked", wanted())
  }
}

customElements.define("notify-me", NotifyMe)
