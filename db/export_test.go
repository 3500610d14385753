package db

// SearchQuery is for the test that holds it against what Postgres makes of a name.
var SearchQuery = searchQuery

// SelectHeads and SelectCallers are for the test that looks at their plans.
var SelectHeads, SelectCallers = selectHeads, selectCallers
