module.exports = (db, types) => db.define('tag', { name: types.STRING });
