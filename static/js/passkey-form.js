// Has the browser make or show a passkey, and sends what it says with the form around it.
class PasskeyForm extends HTMLElement {
  connectedCallback() {
    const hasName = !/^[\d.]+$|:/.test(location.hostname) // no passkey is made for a bare number
    const able = hasName && window.PublicKeyCredential?.parseRequestOptionsFromJSON
    this.querySelector("button").hidden = !able
    if (!able) return this.say("missing")
    this.closest("form").addEventListener("submit", event => {
      event.preventDefault()
      this.use().catch(() => this.say("refused"))
    })
  }

  say(why) {
    for (const line of this.querySelectorAll("[data-why]")) line.hidden = line.dataset.why !== why
  }

  async use() {
    this.say("")
    const credential = this.dataset.way === "create" ? await this.create() : await this.get()
    this.querySelector("[name=credential]").value = JSON.stringify(credential)
    this.closest("form").submit()
  }

  async create() {
    const { publicKey } = (await this.options()).creation_options
    const alone = this.closest("form").elements.passwordless.checked
    const { authenticatorSelection: wanted } = publicKey
    Object.assign(wanted, { requireResidentKey: alone, residentKey: alone ? "required" : "discouraged" })
    if (alone) wanted.userVerification = "required"
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
  }

  async get() {
    const { publicKey } = (await this.options()).request_options
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) })
  }

  async options() {
    const written = this.querySelector("#passkey-options")
    if (written) return JSON.parse(written.textContent)
    return (await fetch(this.dataset.from, { headers: { Accept: "application/json" } })).json()
  }
}

customElements.define("passkey-form", PasskeyForm)
