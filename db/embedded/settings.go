package embedded

import (
	"os"
	"strconv"
	"strings"
)

// roleName is the superuser, who starts and hands over; ownerName is who owns the database databaseName, and logs in from then on.
const (
	roleName     = "bankgraph"
	ownerName    = "bankgraph_owner"
	databaseName = "bankgraph"
)

// settings are given on the command line at each start: whatever the files of the cluster say, these hold.
func settings(port int, unsafe bool) []string {
	pairs := []string{
		// Reachable from this machine only, and by password only.
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=",

		// A laptop's share.
		"shared_buffers=128MB",
		"max_connections=100",
		"max_wal_size=512MB",
		"checkpoint_timeout=1min",
		"cluster_name=" + databaseName,
		"timezone=UTC",

		// What customers send must not reach the log: no statements, no parameters, no details of rows. The text
		// of an error may quote a value, and whoever sent the statement gets it anyway, so errors of statements
		// (below the level "log") are left out as a whole.
		"log_destination=stderr",
		"logging_collector=off",
		"log_timezone=UTC",
		"log_line_prefix=%m [%p] ",
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
		"log_statement=none",
		"log_duration=off",
		"log_min_duration_statement=-1",
		"log_min_duration_sample=-1",
		"log_transaction_sample_rate=0",
		"log_parameter_max_length=0",
		"log_parameter_max_length_on_error=0",
		"log_lock_waits=off",
		"log_checkpoints=off",
	}
	if unsafe {
		pairs = append(pairs, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	arguments := make([]string, 0, 2*len(pairs))
	for _, pair := range pairs {
		arguments = append(arguments, "-c", pair)
	}
	return arguments
}

// inherited are the variables that Postgres gets. The program's environment may hold secrets, and variables that
// begin with PG would change what Postgres does.
var inherited = []string{
	"PATH", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
}

func environment() []string {
	variables := []string{"LC_ALL=C"} // messages are searched for English words
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, wanted := range inherited {
			if strings.EqualFold(name, wanted) {
				variables = append(variables, variable)
			}
		}
	}
	return variables
}
