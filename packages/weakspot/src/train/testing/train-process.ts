/** Trains the request that is given as argument, and writes its events as lines of JSON: for devices set by the environment. */
import { type TrainingRequest, train } from '../index.js';

const request = JSON.parse(process.argv[2] ?? '') as TrainingRequest;
for await (const event of train(request)) process.stdout.write(`${JSON.stringify(event)}\n`);
