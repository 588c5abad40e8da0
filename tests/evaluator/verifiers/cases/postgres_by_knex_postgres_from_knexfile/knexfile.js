module.exports = { client: 'pg', connection: { host: 'postgres' } };
