// Classifies uploads: node examples/server.mjs, then  curl --data-binary @photo.jpg http://127.0.0.1:8080/
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { openClassifier } from 'cifar';

const MOST_BYTES = 20e6;
const classifier = await openClassifier();
// One picture after another: the network takes all processors.
let turn = Promise.resolve();

createServer(async (request, response) => {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return response.writeHead(413).end('too large');
    chunks.push(chunk);
  }
  turn = turn.then(async () => {
    const [answer] = await classifier.predict([Buffer.concat(chunks)]);
    response.writeHead('error' in answer ? 415 : 200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(answer)}\n`);
  });
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port}/`);
});
