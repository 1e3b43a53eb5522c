/* payout completion: what shells complete, written from the command table and the flags that each
 * command's own parser takes: nothing is listed twice. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/table.h"

enum { OUT_BYTES_MAX = 1024 * 1024, FLAGS_BYTES_MAX = 16 * 1024 };

struct completion_input {
    struct settings *settings;
    const char *shell;
};

static error_t completion_parse(int key, char *value, struct argp_state *state)
{
    struct completion_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case ARGP_KEY_ARG:
        if (input->shell != NULL)
            argp_usage(state);
        input->shell = value;
        return 0;
    case ARGP_KEY_END:
        if (input->shell == NULL)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp completion_argp = {
    .parser = completion_parse,
    .args_doc = "bash|zsh|fish",
    .doc =
        "Write a shell's completion of payout.\v"
        "bash: eval \"$(payout completion bash)\" in ~/.bashrc; zsh: the same in ~/.zshrc; fish: "
        "payout completion fish > ~/.config/fish/completions/payout.fish",
    .children = settings_children,
};

/* A command's flags. */
struct flags {
    struct buffer all;    /* "--to --amount …" */
    struct buffer valued; /* Those that take a value: "--to|--amount". */
    struct buffer fish;   /* As fish's lines; command and group say for which. */
    const struct command *command;
};

/* Appends text between fish's single quotes. */
static void fish_quote(struct buffer *out, const char *text)
{
    buffer_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            buffer_char(out, '\\');
        buffer_char(out, *text);
    }
    buffer_char(out, '\'');
}

static void fish_condition(const struct command *command, struct buffer *out)
{
    if (command->group != NULL)
        buffer_format(out,
                      "-n '__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s' ",
                      command->group, command->name);
    else
        buffer_format(out, "-n '__fish_seen_subcommand_from %s' ", command->name);
}

static void flag_take(struct flags *flags, const struct argp_option *option)
{
    buffer_format(&flags->all, "%s--%s", flags->all.length > 0 ? " " : "", option->name);
    if (option->arg != NULL)
        buffer_format(&flags->valued, "%s--%s", flags->valued.length > 0 ? "|" : "", option->name);
    buffer_text_append(&flags->fish, "complete -c payout ");
    fish_condition(flags->command, &flags->fish);
    buffer_format(&flags->fish, "-l %s %s-d ", option->name, option->arg != NULL ? "-r " : "");
    fish_quote(&flags->fish, option->doc != NULL ? option->doc : "");
    buffer_char(&flags->fish, '\n');
}

static void flags_take(void *context, const struct argp *argp)
{
    struct flags *flags = context;
    for (const struct argp_option *option = argp->options;
         option != NULL && (option->name != NULL || option->key != 0 || option->doc != NULL);
         option++)
        if (option->name != NULL && (option->flags & OPTION_HIDDEN) == 0)
            flag_take(flags, option);
    for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
         child++)
        flags_take(context, child->argp);
}

/* Asks a command for its flags. */
static void flags_of(const struct command *command, struct flags *flags)
{
    struct settings asking = {.flags_take = flags_take, .flags_context = flags};
    char name[COMMAND_NAME_BYTES];
    char *words[] = {name, NULL};
    command_name(command, name);
    flags->command = command;
    buffer_clear(&flags->all);
    buffer_clear(&flags->valued);
    buffer_clear(&flags->fish);
    (void)command->run(&asking, 1, words);
}

/* True for the first command of a group, and for one without. */
static bool is_first(size_t index)
{
    return commands[index].group == NULL || index == 0 || commands[index - 1].group == NULL ||
           strcmp(commands[index - 1].group, commands[index].group) != 0;
}

static void words_write(struct buffer *out)
{
    for (size_t i = 0; i < command_count; i++)
        if (is_first(i))
            buffer_format(out, " %s",
                          commands[i].group != NULL ? commands[i].group : commands[i].name);
}

/* The cases over the words that stand already, the same in bash and zsh. */
static void cases_write(struct flags *flags, struct buffer *out)
{
    buffer_text_append(out, "    \"\") words=\"");
    words_write(out);
    buffer_text_append(out, " --help --version\" ;;\n");
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i].group == NULL || !is_first(i))
            continue;
        buffer_format(out, "    \" %s\") words=\"", commands[i].group);
        for (size_t j = i; j < command_count && commands[j].group != NULL &&
                           strcmp(commands[j].group, commands[i].group) == 0;
             j++)
            buffer_format(out, "%s%s", j == i ? "" : " ", commands[j].name);
        buffer_text_append(out, "\" ;;\n");
    }
    for (size_t i = 0; i < command_count; i++) {
        char name[COMMAND_NAME_BYTES];
        command_name(&commands[i], name);
        flags_of(&commands[i], flags);
        bool shells = commands[i].run == command_completion;
        buffer_format(out, "    \" %s\"*) words=\"%s%s --help\" ;;\n", name,
                      shells ? "bash zsh fish " : "", buffer_text(&flags->all));
    }
}

/* Every flag that takes a value, of any command: what stands behind it is no command. */
static void valued_write(struct flags *flags, struct buffer *out)
{
    for (size_t i = 0; i < command_count; i++) {
        flags_of(&commands[i], flags);
        buffer_format(out, "%s%s", i == 0 ? "" : "|", buffer_text(&flags->valued));
    }
}

/* The loop that gathers the command's words up to the one that is completed. */
static void gather_write(struct flags *flags, const char *list, const char *first,
                         const char *current, struct buffer *out)
{
    buffer_format(out,
                  "    local line=\"\" words=\"\" i\n"
                  "    for ((i = %s; i < %s; i++)); do\n"
                  "        case \"${%s[i]}\" in\n"
                  "        ",
                  first, current, list);
    valued_write(flags, out);
    buffer_format(out,
                  ") ((i++)) ;;\n"
                  "        -*) ;;\n"
                  "        *) line=\"$line ${%s[i]}\" ;;\n"
                  "        esac\n"
                  "    done\n"
                  "    case \"$line\" in\n",
                  list);
    cases_write(flags, out);
    buffer_text_append(out, "    esac\n");
}

static void bash_write(struct flags *flags, struct buffer *out)
{
    buffer_text_append(out, "_payout()\n{\n");
    gather_write(flags, "COMP_WORDS", "1", "COMP_CWORD", out);
    buffer_text_append(out, "    COMPREPLY=($(compgen -W \"$words\" -- "
                            "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
                            "}\n"
                            "complete -o default -F _payout payout\n");
}

static void zsh_write(struct flags *flags, struct buffer *out)
{
    buffer_text_append(out, "#compdef payout\n_payout()\n{\n    local -a typed\n"
                            "    typed=(\"${words[@]}\")\n");
    gather_write(flags, "typed", "2", "CURRENT", out);
    buffer_text_append(out, "    compadd -- ${(s: :)words}\n"
                            "    [[ -z $line || ${typed[CURRENT]} == -* ]] || _files\n"
                            "}\n"
                            "compdef _payout payout\n");
}

static void fish_write(struct flags *flags, struct buffer *out)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        if (command->group == NULL || is_first(i)) {
            buffer_text_append(out, "complete -c payout -f -n __fish_use_subcommand -a ");
            fish_quote(out, command->group != NULL ? command->group : command->name);
            buffer_text_append(out, command->group != NULL ? "\n" : " -d ");
            if (command->group == NULL) {
                fish_quote(out, command->help);
                buffer_char(out, '\n');
            }
        }
        if (command->group != NULL) {
            buffer_format(out,
                          "complete -c payout -f -n '__fish_seen_subcommand_from %s' -a %s -d ",
                          command->group, command->name);
            fish_quote(out, command->help);
            buffer_char(out, '\n');
        }
        flags_of(command, flags);
        buffer_text_append(out, buffer_text(&flags->fish));
    }
}

int command_completion(struct settings *settings, int argc, char **argv)
{
    struct completion_input input = {.settings = settings};
    struct flags flags = {0};
    struct buffer out;
    if (!command_parse(&completion_argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&out, OUT_BYTES_MAX);
    buffer_init(&flags.all, FLAGS_BYTES_MAX);
    buffer_init(&flags.valued, FLAGS_BYTES_MAX);
    buffer_init(&flags.fish, FLAGS_BYTES_MAX);
    bool known = true;
    if (strcmp(input.shell, "bash") == 0)
        bash_write(&flags, &out);
    else if (strcmp(input.shell, "zsh") == 0)
        zsh_write(&flags, &out);
    else if (strcmp(input.shell, "fish") == 0)
        fish_write(&flags, &out);
    else
        known = false;
    if (!known)
        print_problem("the shell is bash, zsh or fish, not %s", input.shell);
    bool printed = known && buffer_ok(&flags.fish) && print_flush(&out);
    buffer_free(&out);
    buffer_free(&flags.all);
    buffer_free(&flags.valued);
    buffer_free(&flags.fish);
    return printed ? STATUS_OK : STATUS_USAGE;
}
