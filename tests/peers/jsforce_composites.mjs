// jsforce: several requests in one, with references, all or none, in batches and as graphs.

import assert from 'node:assert/strict';

import { connected, VERSION } from './jsforce_connections.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
const base = `/services/data/v${VERSION}`;

function account(referenceId, body) {
    return { method: 'POST', url: `${base}/sobjects/Account`, referenceId, body };
}

function contactOf(reference, referenceId, body = {}) {
    return {
        method: 'POST',
        url: `${base}/sobjects/Contact`,
        referenceId,
        body: { LastName: 'Composite', AccountId: `@{${reference}.id}`, ...body },
    };
}

await step('a later request refers to the record an earlier one has made', async () => {
    const { compositeResponse: [parent, child, read] } = await conn.requestPost('/composite', {
        compositeRequest: [
            account('parent', { Name: fresh('Composite') }),
            contactOf('parent', 'child'),
            { method: 'GET', url: `${base}/sobjects/Contact/@{child.id}?fields=AccountId`, referenceId: 'read' },
        ],
    });
    assert.deepEqual([parent.httpStatusCode, child.httpStatusCode, read.httpStatusCode], [201, 201, 200]);
    assert.equal(read.body.AccountId, parent.body.id);
    assert.match(parent.httpHeaders.Location, new RegExp(`/sobjects/Account/${parent.body.id}$`));
});

await step('a query within is answered like one outside', async () => {
    const name = fresh('Composite');
    const q = encodeURIComponent(`SELECT Id FROM Account WHERE Name = '${name}'`);
    const { compositeResponse: [, found] } = await conn.requestPost('/composite', {
        compositeRequest: [
            account('made', { Name: name }),
            { method: 'GET', url: `${base}/query?q=${q}`, referenceId: 'found' },
        ],
    });
    assert.equal(found.body.totalSize, 1);
});

await step('all or none undoes what went well and says why', async () => {
    const name = fresh('Undone');
    const { compositeResponse: [first, second] } = await conn.requestPost('/composite', {
        allOrNone: true,
        compositeRequest: [account('good', { Name: name }), account('bad', { Description: 'no name' })],
    });
    assert.equal(first.httpStatusCode, 400);
    assert.equal(first.body[0].errorCode, 'PROCESSING_HALTED');
    assert.equal(second.body[0].errorCode, 'REQUIRED_FIELD_MISSING');
    assert.equal(await conn.sobject('Account').count({ Name: name }), 0);
});

await step('what refers to a failure fails, what does not is done', async () => {
    const { compositeResponse: [bad, child, other] } = await conn.requestPost('/composite', {
        compositeRequest: [
            account('bad', { Description: 'no name' }),
            contactOf('bad', 'child'),
            account('other', { Name: fresh('Composite') }),
        ],
    });
    assert.deepEqual([bad.httpStatusCode, child.httpStatusCode, other.httpStatusCode], [400, 400, 201]);
    assert.equal(child.body[0].errorCode, 'PROCESSING_HALTED');
});

await step('more than twenty-five requests are refused as a whole', async () => {
    const many = Array.from({ length: 26 }, (_, n) => account(`a${n}`, { Name: fresh('Many') }));
    const error = await failure(conn.requestPost('/composite', { compositeRequest: many }));
    assert.ok(error.errorCode);
});

await step('a batch is answered request by request', async () => {
    const answer = await conn.requestPost('/composite/batch', {
        batchRequests: [
            { method: 'GET', url: `v${VERSION}/limits` },
            { method: 'GET', url: `v${VERSION}/sobjects/Nothing__c/describe` },
        ],
    });
    assert.equal(answer.hasErrors, true);
    assert.deepEqual(answer.results.map((result) => result.statusCode), [200, 404]);
    assert.ok(answer.results[0].result.DailyApiRequests.Max);
});

await step('a batch that halts leaves the rest undone', async () => {
    const answer = await conn.requestPost('/composite/batch', {
        haltOnError: true,
        batchRequests: [
            { method: 'GET', url: `v${VERSION}/sobjects/Nothing__c/describe` },
            { method: 'GET', url: `v${VERSION}/limits` },
        ],
    });
    assert.deepEqual(answer.results.map((result) => result.statusCode), [404, 412]);
    assert.equal(answer.results[1].result[0].errorCode, 'BATCH_PROCESSING_HALTED');
});

await step('of two graphs the good one is kept, the bad one undone', async () => {
    const name = fresh('Undone');
    const { graphs: [good, bad] } = await conn.requestPost('/composite/graph', {
        graphs: [
            { graphId: 'good', compositeRequest: [account('p', { Name: fresh('Graph') }), contactOf('p', 'c')] },
            {
                graphId: 'bad',
                compositeRequest: [account('p', { Name: name }), contactOf('p', 'c', { LastName: '' })],
            },
        ],
    });
    assert.deepEqual([good.isSuccessful, bad.isSuccessful], [true, false]);
    const statuses = good.graphResponse.compositeResponse.map((node) => node.httpStatusCode);
    assert.deepEqual(statuses, [201, 201]);
    assert.equal(await conn.sobject('Account').count({ Name: name }), 0);
});

await step('five hundred nodes are one call, five hundred and one are too many', async () => {
    const nodes = (count) =>
        Array.from({ length: count }, (_, n) => account(`n${n}`, { Name: fresh('Node') }));
    const { graphs: [all] } = await conn.requestPost('/composite/graph', {
        graphs: [{ graphId: 'all', compositeRequest: nodes(500) }],
    });
    assert.equal(all.isSuccessful, true);
    assert.equal(all.graphResponse.compositeResponse.length, 500);
    const { graphs: [over] } = await conn.requestPost('/composite/graph', {
        graphs: [{ graphId: 'over', compositeRequest: nodes(501) }],
    });
    assert.equal(over.isSuccessful, false);
    assert.equal(over.graphResponse.compositeResponse[0].body[0].errorCode, 'LIMIT_EXCEEDED');
});
