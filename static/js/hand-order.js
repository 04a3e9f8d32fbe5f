// Puts the pictures of a collection in order by dragging; what it sends is the form of the picture's own buttons.
class HandOrder extends HTMLElement {
  connectedCallback() {
    this.list = document.getElementById("pictures")
    this.leaving = new AbortController()
    const { signal } = this.leaving
    const listen = (name, act) => this.list.addEventListener(name, event => act(event), { signal })
    listen("pointerover", event => this.one(event)?.setAttribute("draggable", "true"))
    listen("dragstart", event => this.take(event))
    listen("dragover", event => this.hover(event))
    listen("drop", event => this.drop(event))
    listen("dragend", () => this.end())
  }

  disconnectedCallback() {
    this.leaving?.abort()
  }

  one(event) {
    return event.target.closest(".arranged__one")
  }

  take(event) {
    this.held = this.one(event)
    if (!this.held) return
    this.next = this.held.nextSibling
    event.dataTransfer.effectAllowed = "move"
    this.held.classList.add("is-held")
  }

  hover(event) {
    if (!this.held) return
    event.preventDefault()
    const under = this.one(event)
    if (!under || under === this.held) return
    const box = under.getBoundingClientRect()
    const after = event.clientX > box.left + box.width / 2
    under[after ? "after" : "before"](this.held)
  }

  // In the middle of a long collection nobody knows what lies above the first of the page.
  drop(event) {
    const above = this.held?.previousElementSibling
    if (!this.held || (!above && "deep" in this.dataset)) return
    event.preventDefault()
    const below = above?.id.replace("tile-", "") ?? ""
    const form = this.held.querySelector("form")
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "below", value: below }))
    this.held.classList.remove("is-held")
    this.held = undefined
    form.submit()
  }

  end() {
    if (!this.held) return
    this.held.classList.remove("is-held")
    this.list.insertBefore(this.held, this.next)
    this.held = undefined
  }
}

customElements.define("hand-order", HandOrder)
