module.exports = { jwt: { secret: 'conduit-secret', expiresIn: '7d' } };
