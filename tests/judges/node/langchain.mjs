// LangChain's wrapper: `node langchain.mjs BASE_URL KEY`; prints what it found as JSON.
import { DallEAPIWrapper } from "@langchain/openai";

const [baseURL, apiKey] = process.argv.slice(2);
const tool = new DallEAPIWrapper({ apiKey, baseUrl: baseURL, model: "sandbox-sketch:free", size: "1024x1024", n: 1 });
console.log(JSON.stringify({ found: await tool.invoke("A lighthouse") }));
