package db

// SearchQuery is for the test that holds it against what Postgres makes of a name.
var SearchQuery = searchQuery

// SelectHeads is for the test that looks at its plan.
const SelectHeads = selectHeads
