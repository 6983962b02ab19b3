// salesforce-pubsub-api-client: platform events published one by one and in a batch, and received again.

import assert from 'node:assert/strict';

import { client, finish, supplied, Topic } from './pubsub_clients.mjs';
import { failure, fresh, step, until } from './steps.mjs';

const NOTES = '/event/Order_Note__e';

function note(text) {
    return { CreatedDate: Date.now(), CreatedById: '005000000000001AAA', Payload__c: { string: text } };
}

await step('an event published is delivered with the id it was given', async () => {
    const made = await client(await supplied());
    const topic = await new Topic(made, NOTES).latest(2).live();
    const text = fresh('note');
    const key = crypto.randomUUID();
    const result = await made.publish(NOTES, note(text), key);
    assert.equal(result.correlationKey, key);
    const [event] = await topic.delivered(1);
    assert.equal(event.replayId, result.replayId);
    assert.equal(event.payload.Payload__c, text);
    assert.equal(event.payload.ChangeEventHeader, undefined);
});

await step('a batch is answered event by event over one stream', async () => {
    const made = await client(await supplied());
    const topic = await new Topic(made, NOTES).latest(5).live();
    const texts = [fresh('note'), fresh('note'), fresh('note')];
    const keys = texts.map(() => crypto.randomUUID());
    const answers = [];
    const hear = (info, kind, data) => answers.push({ kind, data });
    const events = texts.map((text, n) => ({ id: keys[n], payload: note(text) }));
    await made.publishBatch(NOTES, events, hear);
    await until(() => answers.length, 'an answer');
    assert.equal(answers[0].kind, 'publishResponse');
    assert.deepEqual(answers[0].data.results.map((result) => result.correlationKey), keys);
    const delivered = await topic.delivered(3);
    assert.deepEqual(delivered.map((event) => event.payload.Payload__c), texts);
    assert.deepEqual(
        delivered.map((event) => event.replayId),
        answers[0].data.results.map((result) => result.replayId),
    );
});

await step('a change event cannot be published', async () => {
    const made = await client(await supplied());
    const error = await failure(made.publish('/data/AccountChangeEvent', {}));
    assert.match(error.message, /^Failed to publish event for topic/);
});

await step('an event nobody declared is topic.not.found', async () => {
    const made = await client(await supplied());
    const error = await failure(made.publish('/event/Nothing__e', note('lost')));
    assert.equal(error.cause.code, 5);
    assert.equal(error.cause.metadata.get('error-code')[0], 'sfdc.platform.eventbus.grpc.topic.not.found');
});

finish();
