// jsforce: Bulk API 2.0, loading and querying, with rows that fail.

import assert from 'node:assert/strict';

import { connected } from './jsforce_connections.mjs';
import { failure, fresh, step } from './steps.mjs';

const conn = await connected();
conn.bulk2.pollInterval = 100;
conn.bulk2.pollTimeout = 15_000;

function load(operation, input, more = {}) {
    return conn.bulk2.loadAndWaitForResults({ object: 'Account', operation, input, ...more });
}

await step('records are inserted, and a bad one fails alone', async () => {
    const records = [
        { Name: fresh('Bulk, with "quotes"\nand a line'), NumberOfEmployees: 3 },
        { Name: '', NumberOfEmployees: 4 },
        { Name: fresh('Bulk'), NumberOfEmployees: 5 },
    ];
    const results = await load('insert', records);
    // Rows come back in an order of their own.
    const made = results.successfulResults.toSorted((one, other) => one.Name.length - other.Name.length);
    assert.deepEqual(made.map((row) => row.Name), [records[2].Name, records[0].Name]);
    assert.ok(results.successfulResults.every((row) => row.sf__Created === 'true'));
    assert.equal(results.failedResults.length, 1);
    assert.match(results.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
    assert.equal(results.failedResults[0].NumberOfEmployees, '4');
    assert.deepEqual(results.unprocessedRecords, []);
    const read = await conn.sobject('Account').retrieve(made[1].sf__Id);
    assert.equal(read.Name, records[0].Name);
});

await step('text that is CSV already is taken as it is', async () => {
    const name = fresh('Bulk CSV');
    const results = await load('insert', `Name,Industry\n"${name}",Energy\n`);
    assert.deepEqual(results.successfulResults.map((row) => row.Name), [name]);
});

await step('records are upserted by their external id', async () => {
    const key = fresh('key');
    const name = fresh('Bulk keyed');
    const more = { externalIdFieldName: 'Zoho_Id__c' };
    const first = await load('upsert', [{ Zoho_Id__c: key, Name: name }], more);
    const second = await load('upsert', [{ Zoho_Id__c: key, Description: 'again' }], more);
    const created = [first, second].map((results) => results.successfulResults[0]?.sf__Created);
    assert.deepEqual(created, ['true', 'false']);
    assert.equal(first.successfulResults[0].sf__Id, second.successfulResults[0].sf__Id);
});

await step('records are updated and deleted', async () => {
    const { id } = await conn.sobject('Account').create({ Name: fresh('Bulk'), Description: 'old' });
    const updated = await load('update', [{ Id: id, Description: null, Industry: 'Energy' }]);
    assert.equal(updated.failedResults.length, 0);
    const read = await conn.sobject('Account').retrieve(id);
    assert.deepEqual([read.Description, read.Industry], [null, 'Energy']);
    const gone = await load('delete', [{ Id: id }, { Id: '001000000000000AAA' }]);
    assert.deepEqual(gone.successfulResults.map((row) => row.sf__Id), [id]);
    assert.equal(gone.failedResults.length, 1);
});

await step('a job is taken step by step', async () => {
    const job = conn.bulk2.createJob({ operation: 'insert', object: 'Account' });
    const open = await job.open();
    assert.equal(open.state, 'Open');
    assert.match(open.id, /^750\w{15}$/);
    assert.match(open.contentUrl, /^services\/data\/v61\.0\/jobs\/ingest\/750\w{15}\/batches$/);
    await job.uploadData([{ Name: fresh('Bulk') }]);
    await job.close();
    await job.poll(50, 15_000);
    const done = await job.check();
    assert.equal(done.state, 'JobComplete');
    assert.deepEqual([done.numberRecordsProcessed, done.numberRecordsFailed], [1, 0]);
    await job.delete();
    const error = await failure(conn.bulk2.job('ingest', { id: open.id }).check());
    assert.equal(error.errorCode, 'NOT_FOUND');
});

await step('a job that is given up is aborted', async () => {
    const job = conn.bulk2.createJob({ operation: 'insert', object: 'Account' });
    await job.open();
    await job.abort();
    assert.equal((await job.check()).state, 'Aborted');
});

await step('a job for an object nobody knows is refused', async () => {
    const error = await failure(conn.bulk2.createJob({ operation: 'insert', object: 'Nothing__c' }).open());
    assert.ok(error.errorCode);
});

await step('a query streams its records', async () => {
    const town = fresh('Town');
    const names = [fresh('Bulk row'), fresh('Bulk row'), fresh('Bulk, row')];
    await load('insert', names.map((name) => ({ Name: name, BillingCity: town })));
    const soql = `SELECT Id, Name, Owner.Username FROM Account WHERE BillingCity = '${town}' ORDER BY Name`;
    const records = await (await conn.bulk2.query(soql)).toArray();
    assert.deepEqual(records.map((record) => record.Name).sort(), [...names].sort());
    assert.ok(records.every((record) => record['Owner.Username'].includes('@')));
});

await step('a query finds deleted records where all are asked for', async () => {
    const name = fresh('Gone');
    const { id } = await conn.sobject('Account').create({ Name: name });
    await conn.sobject('Account').destroy(id);
    const soql = `SELECT Id, IsDeleted FROM Account WHERE Name = '${name}'`;
    assert.equal((await (await conn.bulk2.query(soql)).toArray()).length, 0);
    const [record] = await (await conn.bulk2.query(soql, { scanAll: true })).toArray();
    assert.deepEqual([record.Id, record.IsDeleted], [id, 'true']);
});
