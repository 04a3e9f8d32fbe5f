// Puts a picture that is shown into the clipboard, as PNG: browsers take no other kind there.
export async function copyImage(image, button) {
  const words = [...button.childNodes]
  const png = image.decode().then(() => new Promise((done, failed) => {
    const canvas = document.createElement("canvas")
    canvas.width = image.naturalWidth
    canvas.height = image.naturalHeight
    canvas.getContext("2d").drawImage(image, 0, 0)
    canvas.toBlob(blob => (blob ? done(blob) : failed()), "image/png")
  }))
  const said = await navigator.clipboard.write([new ClipboardItem({ "image/png": png })])
    .then(() => "Copied", () => "Not allowed: download it")
  button.textContent = said
  setTimeout(() => button.replaceChildren(...words), 1500)
}
