import OpenAI from "openai";
const client = new OpenAI({
  apiKey: process.env.RELAYROUTER_API_KEY,
  baseURL: "https://relayrouter.io/v1",
});
const res = await client.images.generate({
  model: "gpt-image-1",
  prompt: "A futuristic city at dusk, cinematic lighting",
  n: 1,
});
console.log(res.data[0].url);
