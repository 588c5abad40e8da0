module.exports = { db: { dialect: process.env.DIALECT || 'postgres', host: 'postgres' } };
