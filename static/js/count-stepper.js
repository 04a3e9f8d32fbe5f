// − and + around a number of images, which also stands on the button that sends.
class CountStepper extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this)
    this.addEventListener("input", () => this.show())
    new MutationObserver(() => this.show()).observe(this.box, { attributeFilter: ["max", "value"] })
    this.show()
  }

  handleEvent(event) {
    const step = Number(event.target.closest("button")?.dataset.step)
    if (!step) return
    this.box.value = Math.min(this.box.max, Math.max(this.box.min, Number(this.box.value) + step))
    this.box.dispatchEvent(new Event("change", { bubbles: true }))
    this.show()
  }

  get box() {
    return this.querySelector("input")
  }

  show() {
    const count = Number(this.box.value)
    const out = this.closest("form")?.querySelector("[data-count]")
    if (out) out.textContent = count || ""
    const units = this.closest("form")?.querySelectorAll("[data-unit]") ?? []
    for (const unit of units) unit.textContent = count === 1 ? "image" : "images"
    this.querySelector("[data-step='-1']").disabled = count <= Number(this.box.min)
    this.querySelector("[data-step='1']").disabled = count >= Number(this.box.max)
  }
}

customElements.define("count-stepper", CountStepper)
