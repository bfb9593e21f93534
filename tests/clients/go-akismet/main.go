// Every call of adtac's go-akismet; it has none to verify a key, and does not read what a report is answered.
package main

import (
	"fmt"
	"os"

	"github.com/adtac/go-akismet/akismet"
)

var count, failed int

func check(name string, holds bool, seen ...interface{}) {
	count++
	word := "ok"
	if !holds {
		failed++
		word = "not ok"
	}
	fmt.Printf("%s %d - %s\n", word, count, name)
	if !holds {
		fmt.Println(append([]interface{}{"#"}, seen...)...)
	}
}

func comment(text string) *akismet.Comment {
	return &akismet.Comment{
		Blog: "http://go-akismet.test", UserIP: "203.0.113.9", UserAgent: "Mozilla/5.0",
		CommentAuthor: "An Nguyen", CommentContent: text,
	}
}

// verdict checks a comment; the client's own answer for what went wrong is true and an error.
func verdict(name string, c *akismet.Comment, wanted bool) {
	spam, err := akismet.Check(c, os.Getenv("KEY"))
	check(name, spam == wanted && err == nil, spam, err)
}

func main() {
	ham, key := os.Getenv("PHIN_HAM"), os.Getenv("KEY")
	verdict("Check: ham", comment(ham), false)
	verdict("Check: spam", comment(os.Getenv("PHIN_SPAM")), true)
	verdict("Check: blatant spam", comment(os.Getenv("PHIN_DISCARD")), true)
	verdict("Check: unsure is let through", comment(os.Getenv("PHIN_UNSURE")), false)

	all := comment(ham)
	all.Referrer, all.Permalink, all.CommentType = "http://search.test/", "http://go-akismet.test/bread", "comment"
	all.CommentAuthorEmail, all.CommentAuthorURL = "an.nguyen@mail.example", "http://an.example/"
	all.BlogLang, all.BlogCharset = "vi, en", "UTF-8"
	verdict("Check: with every field", all, false)
	admin := comment(os.Getenv("PHIN_SPAM"))
	admin.UserRole = "administrator"
	verdict("Check: an administrator is never spam", admin, false)

	spam, err := akismet.Check(comment(ham), "invalid")
	check("Check refuses a bad key", spam && err != nil && err.Error() == "invalid", spam, err)
	siteless := comment(ham)
	siteless.Blog = ""
	spam, err = akismet.Check(siteless, key)
	check("Check says which field is missing", spam && err != nil && err.Error() == "Missing required field: blog.", spam, err)

	err = akismet.SubmitSpam(comment(ham), key)
	check("SubmitSpam is taken", err == nil, err)
	verdict("and the next check knows", comment(ham), true)
	err = akismet.SubmitHam(comment(ham), key)
	check("SubmitHam is taken", err == nil, err)
	verdict("and the next check knows that too", comment(ham), false)

	fmt.Printf("1..%d\n", count)
	if failed > 0 {
		os.Exit(1)
	}
}
