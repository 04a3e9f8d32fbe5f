// `node cut.mjs BASE_URL KEY PROMPT`: one call by the official library, which tries again by itself.
import OpenAI from "openai";

const [baseURL, apiKey, prompt] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const drawn = await client.images.generate({ model: "sandbox-sketch:free", size: "512x512", prompt });
console.log(JSON.stringify(drawn.data.map((picture) => picture.url)));
