// The official library for Node: `node openai.mjs BASE_URL KEY`; prints what it found as JSON.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
let calls = 0;
const counted = (...words) => {
  calls += 1;
  return fetch(...words);
};
const client = new OpenAI({ baseURL, apiKey, fetch: counted });
const asked = { model: "sandbox-sketch:free", size: "512x512" };
const found = {};

const drawn = await client.images.generate({ ...asked, prompt: "A red fox in snow", n: 2 });
found.addresses = drawn.data.map((picture) => picture.url);
found.bytes = drawn.data.map((picture) => Buffer.from(picture.b64_json, "base64").subarray(1, 4).toString());

found.events = [];
for await (const event of await client.images.generate({ ...asked, prompt: "A fox", n: 2, stream: true })) {
  found.events.push([event.type, event.size]);
}

const task = await client.images.generate({ ...asked, prompt: "A boat", async: true });
found.task = (await client.get(`/images/generations/${task.id}?wait=55`)).status;

found.models = [];
for await (const model of client.models.list()) found.models.push(model.id);
found.one = (await client.models.retrieve(found.models.at(-1))).id;

found.none = await client.models.retrieve("dall-e-9").catch((error) => [error.constructor.name, error.code]);

const failing = {
  moderation: [client, { prompt: "A fox [refuse]" }],
  size: [client, { prompt: "A fox", size: "7x7" }],
  model: [client, { prompt: "A fox", model: "dall-e-9" }],
  unknown: [client, { prompt: "A fox [504]" }],
  late: [client, { prompt: "A glacier [slow 20]" }, { timeout: 8000 }],
  nobody: [new OpenAI({ baseURL, apiKey: "sk-wrong", fetch: counted }), { prompt: "A fox" }],
};
found.errors = {};
for (const [name, [who, change, options]] of Object.entries(failing)) {
  calls = 0;
  try {
    await who.images.generate({ ...asked, ...change }, options);
  } catch (error) {
    found.errors[name] = [error.constructor.name, error.status ?? null, error.code ?? null, calls];
  }
}
console.log(JSON.stringify(found));
