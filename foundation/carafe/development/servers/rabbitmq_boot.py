"""What a RabbitMQ of ours is to evaluate, in Erlang, before it boots."""

# Erlang ignores SIGTERM while it boots, so the node also watches its parent itself. It repeats the
# request to stop until it takes effect, and halts if it never does.
END_WITH_PARENT = """\
Parent = fun() ->
    {{ok, Status}} = file:read_file("/proc/self/stat"),
    lists:nth(4, string:lexemes(Status, " "))
end,
spawn(fun Watch() ->
    timer:sleep(1000),
    case Parent() of
        <<"{parent}">> -> Watch();
        _ -> [begin init:stop(), timer:sleep(1000) end || _ <- lists:seq(1, 10)], halt()
    end
end)."""

# The management plugin's event handler feeds the metrics collector, which is off. While RabbitMQ
# shuts down, its end waits for itself, until a supervisor kills it after five seconds: it is
# removed as soon as it is there.
REMOVE_METRICS_HANDLER = """\
spawn(fun Remove() ->
    case catch gen_event:delete_handler(rabbit_event, rabbit_mgmt_db_handler, []) of
        ok -> ok;
        _ -> timer:sleep(100), Remove()
    end
end)."""

# To find its boot steps, RabbitMQ looks into each module of each application, and Erlang loads them
# one by one: a third of the processor's time of a start. All at once, they cost less. What cannot
# be found is left to RabbitMQ.
LOAD_MODULES_AT_ONCE = """\
Described = fun(App) ->
    Folder = code:lib_dir(App),
    case is_list(Folder) andalso file:consult([Folder, "/ebin/", atom_to_list(App), ".app"]) of
        {ok, [{application, App, Properties}]} -> Properties;
        _ -> []
    end
end,
Required = fun Required(App, Known) ->
    case lists:member(App, Known) of
        true -> Known;
        false ->
            Applications = proplists:get_value(applications, Described(App), []),
            lists:foldl(Required, [App | Known], Applications)
    end
end,
Apps = Required(rabbitmq_management, []),
code:ensure_modules_loaded(
    lists:append([proplists:get_value(modules, Described(App), []) || App <- Apps]))."""
