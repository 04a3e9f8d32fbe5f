// The AI SDK with its two providers: `node ai.mjs BASE_URL KEY`; prints what it found as JSON.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateImage } from "ai";

const [baseURL, apiKey] = process.argv.slice(2);
const providers = {
  openai: createOpenAI({ baseURL, apiKey }).image("sandbox-sketch:free"),
  compatible: createOpenAICompatible({ name: "lightfast", baseURL, apiKey }).imageModel("sandbox-sketch:free"),
};
const found = {};
for (const [name, model] of Object.entries(providers)) {
  const { images } = await generateImage({ model, prompt: `A pear, ${name}`, n: 2, size: "512x512" });
  found[name] = images.map((image) => image.mediaType);
  try {
    await generateImage({ model, prompt: `A pear, ${name} [refuse]`, size: "512x512" });
  } catch (error) {
    found[`${name} refused`] = [error.name, error.statusCode ?? null, error.isRetryable ?? null, error.message];
  }
  try {
    await generateImage({ model, prompt: `A pear, ${name} [504]`, size: "512x512" });
  } catch (error) {
    found[`${name} unknown`] = [error.name, error.statusCode ?? null, error.isRetryable ?? null, error.message];
  }
}
console.log(JSON.stringify(found));
